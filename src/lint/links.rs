//! Links that lead nowhere.

use percent_encoding::percent_decode_str;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

use super::tree::Tree;
use crate::plan::Finding;
use crate::words::Source;

/// Looks at every link of the Markdown whose target is a path.
pub(super) fn look(source: &Source, tree: &Tree, found: &mut Vec<Finding>) {
    let text = source.text();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TASKLISTS).into_offset_iter() {
        let Event::Start(
            Tag::Link {
                link_type, dest_url, ..
            }
            | Tag::Image {
                link_type, dest_url, ..
            },
        ) = event
        else {
            continue;
        };
        if matches!(link_type, LinkType::Autolink | LinkType::Email) {
            continue;
        }
        let Some(path) = path_of(&dest_url) else { continue };
        if tree.has(std::path::Path::new(&path), path.starts_with('/')) {
            continue;
        }
        // The target where it is written there, else the whole link.
        let span = match text[range.clone()].rfind(&*dest_url) {
            Some(at) => range.start + at..range.start + at + dest_url.len(),
            None => range,
        };
        found.push(Finding::new(
            span,
            "dead-link",
            format!("the link leads to `{path}`, which is not there"),
            "no such file",
            "mend the link, or write the document",
        ));
    }
}

/// The path that a link's target names; `None` for an address, a place in the same document, or a placeholder.
fn path_of(target: &str) -> Option<String> {
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let scheme = path.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    if path.is_empty() || scheme || path.starts_with(['/', '[', '<', '~']) || path.contains("XXXX") {
        return None;
    }
    Some(percent_decode_str(path).decode_utf8().ok()?.into_owned())
}
