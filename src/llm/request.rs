use std::sync::Arc;

/// One request to a model, in no provider's dialect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// What the model is told about its role; the same for every step of every plan.
    pub system: Arc<str>,
    /// How the text that asks begins: documents and plan overview, the same for all steps of the plan, and held once for
    /// all of them. A provider whose cache has to be told what to keep is told this; empty where nothing is shared.
    pub shared: Arc<str>,
    /// The rest of the text that asks: the step, last the AI prompt line.
    pub own: String,
    /// Id of the step that asks, such as `1.2`; empty where none does. Never sent; the mock and the records go by it.
    pub step: String,
    /// Number of the attempt at this step, from 1. Never sent.
    pub attempt: u32,
}

impl Request {
    /// The text that asks, in one.
    pub fn user(&self) -> String {
        [&*self.shared, &self.own].concat()
    }

    /// The whole text, for a person or a program that takes no roles: the system text, a blank line, the rest.
    pub fn text(&self) -> String {
        self.beginning() + &self.own
    }

    /// The whole text up to what is this request's own.
    pub fn beginning(&self) -> String {
        [self.system.trim_end(), "\n\n", &self.shared].concat()
    }

    /// Asks with another text. What it shares with the other steps is known only where its beginning is still theirs.
    pub fn ask(&mut self, user: &str) {
        let own = user.strip_prefix(&*self.shared);
        self.own = own.unwrap_or(user).to_owned();
        if own.is_none() {
            self.shared = Arc::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(shared: &str, own: &str) -> Request {
        Request {
            system: "Be careful.\n".into(),
            shared: shared.into(),
            own: own.to_owned(),
            ..Request::default()
        }
    }

    #[test]
    fn the_texts_are_one() {
        let request = request("plan ", "step");
        assert_eq!(request.user(), "plan step");
        assert_eq!(request.text(), "Be careful.\n\nplan step");
    }

    #[test]
    fn an_edited_text_shares_what_it_still_has() {
        let edited = |text: &str| {
            let mut request = request("plan ", "step");
            request.ask(text);
            request
        };
        assert_eq!(edited("plan other"), request("plan ", "other"));
        assert_eq!(edited("a plan"), request("", "a plan"));
    }
}
