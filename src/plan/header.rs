//! The fields at the top of a plan.

use super::blocks::Inline;
use super::model::{DocumentLink, Header, Quoted};
use crate::words::{Source, Span};

impl Header {
    /// Takes a labelled paragraph of the self. The first of a name counts; an unknown name is passed over.
    pub(super) fn set(&mut self, source: &Source, name: &str, content: &Span, inlines: &[Inline]) {
        let content = &value(source, content);
        let field = match name.to_ascii_lowercase().as_str() {
            "status" => &mut self.status,
            "created" => &mut self.created,
            "updated" => &mut self.updated,
            "phase" => &mut self.phase,
            "requirements document" | "requirements" => {
                let link = document(source, content, inlines);
                self.requirements = self.requirements.take().or(link);
                return;
            }
            "design document" | "design" => {
                let link = document(source, content, inlines);
                self.design = self.design.take().or(link);
                return;
            }
            _ => return,
        };
        // An empty value keeps its place, so that it can be filled in.
        field.get_or_insert_with(|| content.clone());
    }
}

/// The value of a field: to the end of its line, without a comment behind it.
fn value(source: &Source, content: &Span) -> Span {
    let text = source.slice(content);
    let line = text.lines().next().unwrap_or_default();
    let kept = line.find("<!--").map_or(line, |at| &line[..at]);
    let kept = kept.trim_end().trim_end_matches('\\').trim_end();
    content.start..content.start + kept.len()
}

/// The path that a header's field names: a code span's, a link's target, or the plain words.
fn document(source: &Source, content: &Span, inlines: &[Inline]) -> Option<DocumentLink> {
    let inside = |span: &Span| span.start >= content.start && span.end <= content.end;
    let quoted = inlines.iter().find_map(|inline| match inline {
        Inline::Code(span) if inside(span) => {
            let path = Quoted::Code(span.clone()).text(source);
            Some(DocumentLink {
                path,
                span: span.clone(),
                from_plan: false,
            })
        }
        Inline::Link(span, target) if inside(span) => Some(DocumentLink {
            path: target.clone(),
            span: span.clone(),
            from_plan: true,
        }),
        _ => None,
    });
    let plain = || {
        let path = source.slice(content).to_owned();
        (!path.is_empty()).then(|| DocumentLink {
            path,
            span: content.clone(),
            from_plan: false,
        })
    };
    quoted.or_else(plain)
}
