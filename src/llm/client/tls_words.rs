use rustls::{CertificateError, Error, InvalidMessage};

/// What an error of TLS means, in words: the library's own are names out of its code.
pub(super) fn words(error: &Error) -> String {
    let plain = match error {
        Error::InvalidCertificate(why) => return certificate(why),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => "the server does not speak TLS there",
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => {
            "the server said what does not belong there"
        }
        Error::NoCertificatesPresented => "the server showed no certificate",
        Error::PeerIncompatible(_) => "the server knows no version of TLS, or no cipher, that is safe",
        Error::AlertReceived(_) => "the server broke the connection off",
        Error::PeerMisbehaved(_) => "the server does not keep to TLS",
        other => return other.to_string(),
    };
    plain.to_owned()
}

fn certificate(why: &CertificateError) -> String {
    let plain = match why {
        // The last two: a name that is trusted stands in it, and another key has signed it.
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "nobody that this machine trusts vouches for its certificate"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; see that this machine's clock is right"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        CertificateError::Revoked => "its certificate was withdrawn",
        CertificateError::BadEncoding => "its certificate is broken",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not one for a server"
        }
        // The library for certificates has words of its own, behind a type that it keeps to itself.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is one to vouch for others with, and not one for a server"
        }
        _ => "its certificate cannot be trusted",
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_it_is_out_of_the_code() {
        let errors = [
            Error::InvalidCertificate(CertificateError::UnknownIssuer),
            Error::InvalidCertificate(CertificateError::Expired),
            Error::InvalidCertificate(CertificateError::NotValidForName),
            Error::InvalidCertificate(CertificateError::BadEncoding),
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::NoCertificatesPresented,
        ];
        for error in errors {
            let words = words(&error);
            let names = ["UnknownIssuer", "Expired", "NotValid", "Invalid", "Encoding"];
            assert!(!names.iter().any(|name| words.contains(name)), "{words}");
        }
    }
}
