//! Forms with files in them (RFC 7578), in memory: parts are slices of the body, nothing is copied.
//!
//! The libraries for this read a stream and copy what they read, which doubles the memory of a body that is here anyway.

use bytes::Bytes;
use memchr::memmem;
use percent_encoding::percent_decode_str;
use thiserror::Error;

/// More than any client has, few enough that a body of boundaries alone costs nothing.
const MOST_PARTS: usize = 64;

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The field.
    pub(super) name: String,
    /// The file's name, where it is a file.
    pub(super) filename: Option<String>,
    /// The content.
    pub(super) data: Bytes,
}

/// Why a body is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum MultipartError {
    #[error("the content type is not `multipart/form-data` with a boundary")]
    NoBoundary,
    #[error("the body has no part: its first line is not the boundary of the content type")]
    NoPart,
    #[error("the body ends before the boundary that closes it")]
    Open,
    #[error("a part has no `content-disposition: form-data` with a name")]
    NoName,
    #[error("the body has more than 64 parts")]
    TooMany,
}

/// Takes a form apart.
///
/// # Errors
///
/// Where the content type or the body is not that of a form.
pub(super) fn parts(content_type: &str, body: &Bytes) -> Result<Vec<Part>, MultipartError> {
    let (kind, parameters) = content_type.split_once(';').ok_or(MultipartError::NoBoundary)?;
    let boundary = parameter(parameters, "boundary").filter(|boundary| !boundary.is_empty());
    let boundary = match boundary {
        Some(boundary) if kind.trim().eq_ignore_ascii_case("multipart/form-data") => boundary,
        _ => return Err(MultipartError::NoBoundary),
    };
    let delimiter = format!("\r\n--{boundary}");
    let finder = memmem::Finder::new(&delimiter);
    // The first delimiter has no line before it, if there is no preamble.
    let mut at = match body.starts_with(&delimiter.as_bytes()[2..]) {
        true => delimiter.len() - 2,
        false => finder.find(body).ok_or(MultipartError::NoPart)? + delimiter.len(),
    };
    let mut parts = Vec::new();
    loop {
        let rest = &body[at..];
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        if parts.len() == MOST_PARTS {
            return Err(MultipartError::TooMany);
        }
        let start = at + padding(rest).ok_or(MultipartError::Open)?;
        let mut end = start;
        // A line of the content may begin like the boundary, with more behind it.
        loop {
            // A part of no headers and no content ends with the line break of the boundary before it.
            let from = end.max(2) - if end == start { 2 } else { 0 };
            end = from + finder.find(&body[from..]).ok_or(MultipartError::Open)?;
            let behind = &body[end + delimiter.len()..];
            if behind.starts_with(b"--") || padding(behind).is_some() {
                break;
            }
            end += delimiter.len();
        }
        let part = body.slice(start..end.max(start));
        parts.push(read(&part)?);
        at = end + delimiter.len();
    }
}

/// The length of what may stand between a boundary and the end of its line, with the end.
fn padding(rest: &[u8]) -> Option<usize> {
    let spaces = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    rest[spaces..].starts_with(b"\r\n").then_some(spaces + 2)
}

fn read(part: &Bytes) -> Result<Part, MultipartError> {
    let end = memmem::find(part, b"\r\n\r\n").ok_or(MultipartError::NoName)?;
    let headers = String::from_utf8_lossy(&part[..end]);
    let disposition = headers.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_it = name.trim().eq_ignore_ascii_case("content-disposition");
        is_it.then(|| value.trim().split_once(';')).flatten()
    });
    let (kind, parameters) = disposition.ok_or(MultipartError::NoName)?;
    let name = parameter(parameters, "name").ok_or(MultipartError::NoName)?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err(MultipartError::NoName);
    }
    let wide = parameter(parameters, "filename*").and_then(|value| {
        let value = value.split_once('\'')?.1.split_once('\'')?.1.to_owned();
        Some(percent_decode_str(&value).decode_utf8_lossy().into_owned())
    });
    Ok(Part {
        name,
        filename: wide.or_else(|| parameter(parameters, "filename")),
        data: part.slice(end + 4..),
    })
}

/// The value of a parameter: `; name="value"; other=value`.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (key, after) = rest.split_once('=')?;
        let key = key.trim_matches([' ', '\t', ';']);
        let value;
        (value, rest) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let (value, rest) = after.split_once(';').unwrap_or((after, ""));
                (value.trim().to_owned(), rest)
            }
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
    }
}

/// The text up to the closing quote, and what follows it.
///
/// Browsers and their kin write a quote as `%22` and a line break as `%0D%0A`, older clients put a backslash before it.
fn unquoted(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    let mut rest = "";
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                rest = &quoted[at + 1..];
                break;
            }
            '\\' if quoted[at + 1..].starts_with(['"', '\\']) => {
                value.extend(characters.next().map(|(_, escaped)| escaped));
            }
            other => value.push(other),
        }
    }
    let value = value
        .replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n");
    (value, rest)
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
