use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::printable_line;

/// A path as one word of a command that a person may copy into a shell: quoted where a shell needs it, with `./` before a
/// leading dash, and without anything that could redraw the terminal it is shown on.
pub fn shell_word(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    let dash = if bytes.starts_with(b"-") { "./" } else { "" };
    if let Ok(text) = std::str::from_utf8(bytes)
        && printable_line(text) == text
    {
        let plain = |c: char| c.is_alphanumeric() || "_./-+:,@%=".contains(c);
        if !text.is_empty() && text.chars().all(plain) {
            return format!("{dash}{text}");
        }
        return format!("'{dash}{}'", text.replace('\'', r"'\''"));
    }
    // What cannot be shown as it is can be written so that bash makes the same bytes of it.
    let mut word = format!("$'{dash}");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => {
                word.push('\\');
                word.push(char::from(*byte));
            }
            b' '..=b'~' => word.push(char::from(*byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(word, "\\x{byte:02x}")),
        }
    }
    word.push('\'');
    word
}

/// A number of things in words: `1 box`, `2 boxes`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_makes_the_same_path_of_it() {
        let table: [(&[u8], &str); 9] = [
            (b"docs/plan-1.md", "docs/plan-1.md"),
            (b"-plan.md", "./-plan.md"),
            (b"my plan.md", "'my plan.md'"),
            (b"- x.md", "'./- x.md'"),
            (b"it's.md", r"'it'\''s.md'"),
            (b"$(id).md", "'$(id).md'"),
            (b"~plan.md", "'~plan.md'"),
            ("plän.md".as_bytes(), "plän.md"),
            (b"a\x1b[2J'\\\xff", r"$'a\x1b[2J\'\\\xff'"),
        ];
        for (bytes, expected) in table {
            let word = shell_word(Path::new(OsStr::from_bytes(bytes)));
            assert_eq!(word, expected);
            let line = format!("printf %s {word}");
            let output = Command::new("bash").args(["-c", &line]).output().unwrap();
            let back = output.stdout.strip_prefix(b"./").unwrap_or(&output.stdout);
            assert_eq!(back, bytes, "{word}");
        }
        assert_eq!(shell_word(Path::new("")), "''");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(counted(1, "box", "boxes"), "1 box");
        assert_eq!(counted(0, "box", "boxes"), "0 boxes");
    }
}
