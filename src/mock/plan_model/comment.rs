/// How a format writes a line that its readers pass over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comment {
    /// From a sign to the end of the line.
    Line(&'static str),
    /// Between two signs.
    Block(&'static str, &'static str),
}

impl Comment {
    /// The comment that says `words`, which are on one line.
    pub(super) fn line(self, words: &str) -> String {
        // Python and Ruby take such a comment for the name of the file's encoding, PHP the second for the end of PHP.
        let words = words
            .replace("coding:", "coding :")
            .replace("coding=", "coding =");
        let words = words.replace("?>", "? >");
        match self {
            Self::Line(sign) => format!("{sign} {words}"),
            Self::Block(open, close) => {
                let words = parted(&parted(&words, open), close);
                // Two hyphens may not stand in a comment of XML at all.
                let words = if close == "-->" {
                    parted(&words, "--")
                } else {
                    words
                };
                format!("{open} {words} {close}")
            }
        }
    }
}

/// The words with blanks inside of each occurrence of a sign.
fn parted(words: &str, sign: &str) -> String {
    let mut words = words.to_owned();
    let apart: Vec<String> = sign.chars().map(String::from).collect();
    // Parting one may leave another: three hyphens hold two signs of two.
    while sign.chars().count() > 1 && words.contains(sign) {
        words = words.replace(sign, &apart.join(" "));
    }
    words
}
