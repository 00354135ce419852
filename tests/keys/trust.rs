//! Certificates: `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured, and what cannot be trusted is not used.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use super::support::project::Project;

/// A server whose certificate is its own.
struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let certificate = CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (Arc::clone(&server.connections), Arc::clone(&server.requests));
        // Not joined: it ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                connections.fetch_add(1, Ordering::SeqCst);
                let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = stream.unwrap();
                let mut tls = Stream::new(&mut connection, &mut stream);
                let mut bytes = [0; 16 << 10];
                if tls.read(&mut bytes).is_ok_and(|length| length > 0) {
                    requests.fetch_add(1, Ordering::SeqCst);
                    let body = r#"{"model":"m-1","choices":[{"message":{"content":"ready"},"finish_reason":"stop"}]}"#;
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    let _ = tls.write_all((head + body).as_bytes());
                    tls.conn.send_close_notify();
                    let _ = tls.flush();
                }
            }
        });
        server
    }
}

/// Makes a certificate for this machine; `None`, said by the test's name, where there is nothing to make one with.
fn certificate(test: &str) -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ])
        .args([
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
        ])
        .current_dir(folder.path())
        .output();
    if made.is_ok_and(|output| output.status.success()) {
        return Some(folder);
    }
    eprintln!("skipped: {test}: there is no `openssl` to make a certificate with");
    None
}

fn project(server: &Server) -> Project {
    let mut project = Project::small();
    project.configure(&format!(
        "default = \"local\"\n[endpoint.local]\nkind = \"openai\"\nurl = \"https://127.0.0.1:{}/v1\"\nmodel = \"m\"\nkey_env = \"LOCAL_KEY\"\nretry_wait = 0.01\n",
        server.port
    ));
    project.set("LOCAL_KEY", "sk-marker-0123456789abcdef");
    project
}

#[test]
fn a_certificate_that_nobody_vouches_for_ends_it_at_once() {
    let Some(folder) = certificate("a_certificate_that_nobody_vouches_for_ends_it_at_once") else {
        return;
    };
    let server = Server::start(folder.path());
    let project = project(&server);
    for args in [&["endpoint", "test"][..], &["run", "plan.md", "--unattended"]] {
        let before = server.connections.load(Ordering::SeqCst);
        let ran = project.run(args);
        assert_eq!(ran.code, 7, "{}", ran.err);
        let told = format!(
            "cannot connect to `127.0.0.1:{}` for endpoint `local`: TLS: nobody that this machine trusts vouches for its certificate\n",
            server.port
        );
        assert!(ran.err.contains(&told), "{}", ran.err);
        assert!(
            ran.err
                .contains("a connection that cannot be trusted is not used"),
            "{}",
            ran.err
        );
        assert_eq!(
            server.connections.load(Ordering::SeqCst),
            before + 1,
            "one attempt"
        );
    }
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);
}

#[test]
fn the_certificates_that_the_environment_names_are_trusted() {
    let Some(folder) = certificate("the_certificates_that_the_environment_names_are_trusted") else {
        return;
    };
    let server = Server::start(folder.path());
    let file = folder.path().join("cert.pem").display().to_string();
    let mut by_file = project(&server);
    by_file.set("SSL_CERT_FILE", &file);
    let ran = by_file.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    // curl's variable goes first.
    let mut by_bundle = project(&server);
    by_bundle.set("CURL_CA_BUNDLE", &file);
    by_bundle.set("SSL_CERT_FILE", "/nowhere.pem");
    let ran = by_bundle.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(server.requests.load(Ordering::SeqCst), 2);
    for name in ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let mut missing = project(&server);
        missing.set(name, "/nowhere.pem");
        let ran = missing.run(&["endpoint", "test"]);
        assert_eq!(ran.code, 6, "{}", ran.err);
        let told = format!(
            "cannot read the certificates in `/nowhere.pem`, which environment variable `{name}` names: entity not found"
        );
        assert!(ran.err.contains(&told), "{}", ran.err);
    }
    // A folder holds certificates by the hash of their names, as `c_rehash` makes it.
    let hash = Command::new("openssl")
        .args(["x509", "-hash", "-noout", "-in", &file])
        .output()
        .unwrap();
    let hash = String::from_utf8(hash.stdout).unwrap();
    let certificates = folder.path().join("certificates");
    std::fs::create_dir(&certificates).unwrap();
    std::fs::copy(&file, certificates.join(format!("{}.0", hash.trim()))).unwrap();
    let mut by_folder = project(&server);
    by_folder.set("SSL_CERT_DIR", &certificates.display().to_string());
    let ran = by_folder.run(&["endpoint", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(server.requests.load(Ordering::SeqCst), 3);
}
