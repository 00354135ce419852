//! Reads which modules of the crate a file leans on.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path into the crate, in a `use` or anywhere else.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) line: usize,
    /// From the crate's root, `/` between names: `llm/wire/openai`. Its tail may name items.
    pub(crate) target: String,
    /// Whether it stands in a module of tests.
    pub(crate) tests: bool,
}

/// The module that a file below `src` is: `llm/client` for `llm/client/mod.rs`.
pub(crate) fn module_of(path: &str) -> String {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    path.strip_suffix("/mod").unwrap_or(path).to_owned()
}

/// Everything in the crate that the text of a module names: by `crate::`, by `super::`, or by way of its own child.
pub(crate) fn imports(module: &str, text: &str) -> Vec<Import> {
    let tokens: TokenStream = text.parse().unwrap();
    let mut reader = Reader {
        found: Vec::new(),
        tests: module.ends_with("tests") || module.contains("/tests/"),
    };
    let module: Vec<String> = module.split('/').map(str::to_owned).collect();
    reader.walk(tokens, &module);
    reader.found
}

struct Reader {
    found: Vec<Import>,
    tests: bool,
}

impl Reader {
    fn walk(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let children: Vec<String> = (1..tokens.len().saturating_sub(1))
            .filter(|at| is(&tokens[at - 1], "mod") && is(&tokens[at + 1], ";"))
            .map(|at| tokens[at].to_string())
            .collect();
        let mut at = 0;
        while at < tokens.len() {
            if let (true, Some(TokenTree::Group(body))) = (is(&tokens[at], "mod"), tokens.get(at + 2)) {
                let mut inner = module.to_vec();
                inner.push(tokens[at + 1].to_string());
                let outside = self.tests;
                self.tests |= is(&tokens[at + 1], "tests");
                self.walk(body.stream(), &inner);
                self.tests = outside;
                at += 3;
                continue;
            }
            let begins = at == 0 || !is(&tokens[at - 1], ":");
            if let (true, TokenTree::Ident(name), true) = (begins, &tokens[at], colons(&tokens, at + 1)) {
                let name = name.to_string();
                let base = match name.as_str() {
                    "crate" => Some(Vec::new()),
                    "self" => Some(module.to_vec()),
                    "super" => Some(module[..module.len() - 1].to_vec()),
                    _ if children.contains(&name) => Some([module, &[name]].concat()),
                    _ => None,
                };
                if let Some(base) = base {
                    at = self.path(&tokens, at + 3, base);
                    continue;
                }
            }
            if let TokenTree::Group(group) = &tokens[at] {
                self.walk(group.stream(), module);
            }
            at += 1;
        }
    }

    /// Reads the rest of a path; returns where it ends.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, mut path: Vec<String>) -> usize {
        loop {
            let Some(token) = tokens.get(at) else { return at };
            let line = token.span().start().line;
            match token {
                TokenTree::Ident(name) => match name.to_string().as_str() {
                    "super" => drop(path.pop()),
                    "self" => {}
                    name => path.push(name.to_owned()),
                },
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for item in inner.split(|token| is(token, ",")) {
                        self.path(item, 0, path.clone());
                    }
                    return at + 1;
                }
                _ => {}
            }
            at += 1;
            if !colons(tokens, at) {
                let target = path.join("/");
                let tests = self.tests;
                self.found.push(Import { line, target, tests });
                return at;
            }
            at += 2;
        }
    }
}

fn is(token: &TokenTree, text: &str) -> bool {
    token.to_string() == text
}

fn colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at| tokens.get(at).is_some_and(|token| is(token, ":"));
    colon(at) && colon(at + 1)
}

#[test]
fn a_file_s_imports_are_found_wherever_they_stand() {
    let text = "\
mod inner;
use crate::words::{self, Exit, deep::{A, B as C}};
use super::session::*;
pub use inner::Thing;
fn f() {
    // crate::not::this
    let x = vec![crate::ui::paint(\"crate::nor::this\")];
    std::fs::read(inner_text);
}
#[cfg(test)]
mod tests {
    use super::super::state::Journal;
}
";
    let found: Vec<(usize, String, bool)> = imports("plan/read", text)
        .into_iter()
        .map(|import| (import.line, import.target, import.tests))
        .collect();
    let expected = [
        (2, "words"),
        (2, "words/Exit"),
        (2, "words/deep/A"),
        (2, "words/deep/B"),
        (3, "plan/session"),
        (4, "plan/read/inner/Thing"),
        (7, "ui/paint"),
        (12, "plan/state/Journal"),
    ];
    let expected = expected.map(|(line, target)| (line, target.to_owned(), line == 12));
    assert_eq!(found, expected);
}
