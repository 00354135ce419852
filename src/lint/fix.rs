use crate::words::Span;

/// A change that is mechanical and safe: nothing has to be known of what was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Bytes of the plan that go.
    pub span: Span,
    /// What comes in their place.
    pub text: &'static str,
}

impl Fix {
    /// The text with all `fixes` made, which are in order and do not overlap.
    pub fn all(fixes: &[Self], text: &str) -> String {
        let mut fixed = String::with_capacity(text.len() + fixes.len());
        let mut from = 0;
        for fix in fixes {
            fixed.push_str(&text[from..fix.span.start]);
            fixed.push_str(fix.text);
            from = fix.span.end;
        }
        fixed.push_str(&text[from..]);
        fixed
    }
}
