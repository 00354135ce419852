use super::parts::Part;
use super::sections::LeftOut;
use crate::llm::{Request, Terms};
use crate::words::{Digest, Exit, Failure, counted};

/// A prompt, and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is sent.
    pub request: Request,
    /// Its parts with their sizes, which add up to the whole.
    pub parts: Vec<Part>,
    /// Whether the tokens of the parts are estimated.
    pub estimated: bool,
    /// Files that the step names and that are not shown: folders, links, what is no text or is over 1 MiB.
    pub omitted: Vec<String>,
    /// Sections of the documents that were left out to fit the context.
    pub left_out: Vec<LeftOut>,
    /// The whole text as it was made, where a person edited it.
    pub made: Option<String>,
}

impl Prompt {
    /// The whole text, for a person or a program that takes no roles: the system text, a blank line, the rest.
    pub fn text(&self) -> String {
        self.request.text()
    }

    /// Tokens of the whole, counted or estimated.
    pub fn tokens(&self) -> u64 {
        self.parts.iter().map(|part| part.tokens).sum()
    }

    /// The tokens of each part, in words.
    pub fn sizes(&self) -> String {
        let about = if self.estimated { "~" } else { "" };
        let sizes = self
            .parts
            .iter()
            .map(|part| format!("{} {about}{}", part.name, part.tokens));
        sizes.collect::<Vec<_>>().join(", ")
    }

    /// The digest of what is sent: consent is bound to it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text())
    }

    /// The prompt with a person's text in place of its own.
    pub fn edited(mut self, user: &str, terms: &Terms) -> Self {
        self.made = self.made.or_else(|| Some(self.request.text()));
        self.request.ask(user);
        self.parts = vec![
            Part::of("system", &self.request.system, terms.counter),
            Part::of("edited prompt", user, terms.counter),
        ];
        // What is in it now is the person's to say.
        self.left_out.clear();
        self
    }

    /// Fails with exit 8 where the prompt does not fit the context.
    pub fn check_size(&self, terms: &Terms) -> Result<(), Failure> {
        match terms.room() {
            Some(room) if self.tokens() > room => Err(self.too_large(room, terms)),
            _ => Ok(()),
        }
    }

    /// The failure of a prompt that is larger than the context, with nothing left to leave out.
    fn too_large(&self, room: u64, terms: &Terms) -> Failure {
        let about = if self.estimated { "about " } else { "" };
        let step = &self.request.step;
        let text = format!(
            "the prompt of step {step} does not fit: it has {about}{} tokens, and there is room for {room}",
            self.tokens()
        );
        let mut failure = Failure::new(Exit::ReplyUnusable, "too-large", text);
        if let (Some(context), Some(reserve)) = (terms.context, terms.reserve()) {
            let margin = context.saturating_sub(reserve).saturating_sub(room);
            failure = failure.found(format!(
                "a context of {context} tokens, of which {reserve} are kept for the reply and {margin} for what is added or misjudged"
            ));
        }
        if !self.left_out.is_empty() {
            let count = counted(self.left_out.len(), "section", "sections");
            failure = failure.help(format!(
                "{count} of the documents were left out already, and nothing more may be"
            ));
        }
        failure
            .help(format!("tokens by part: {}", self.sizes()))
            .help("nothing was sent: shorten the step or its files, raise `context_tokens` if the model takes more, or lower `max_tokens`")
    }
}
