/// One request to a model, in no provider's dialect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// What the model is told about its role; the same for every step of every plan.
    pub system: String,
    /// The text that asks: documents and plan overview first, then the step, last the AI prompt line.
    pub user: String,
    /// How many bytes at the beginning of `user` are the same for all steps of the plan. A provider whose cache has to be
    /// told what to keep is told this; 0 where nothing is shared.
    pub shared: usize,
    /// Id of the step that asks, such as `1.2`; empty where none does. Never sent; the mock and the records go by it.
    pub step: String,
    /// Number of the attempt at this step, from 1. Never sent.
    pub attempt: u32,
}

impl Request {
    /// The text in two: what all steps of the plan share, and what is this step's own.
    pub fn halves(&self) -> (&str, &str) {
        self.user
            .split_at_checked(self.shared)
            .unwrap_or(("", &self.user))
    }

    /// Asks with another text. What it shares with the other steps is known only where its beginning is still theirs.
    pub fn ask(&mut self, user: String) {
        if !user.starts_with(self.halves().0) {
            self.shared = 0;
        }
        self.user = user;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(user: &str, shared: usize) -> Request {
        Request {
            user: user.to_owned(),
            shared,
            ..Request::default()
        }
    }

    #[test]
    fn the_halves_are_the_whole() {
        assert_eq!(request("plan step", 5).halves(), ("plan ", "step"));
        assert_eq!(request("plan", 4).halves(), ("plan", ""));
        assert_eq!(request("plan", 0).halves(), ("", "plan"));
        // Neither past the end nor inside of a character is there a place to cut.
        assert_eq!(request("plan", 9).halves(), ("", "plan"));
        assert_eq!(request("\u{fc}ber", 1).halves(), ("", "\u{fc}ber"));
    }

    #[test]
    fn an_edited_text_shares_what_it_still_has() {
        let edited = |text: &str| {
            let mut request = request("plan step", 5);
            request.ask(text.to_owned());
            request
        };
        assert_eq!(edited("plan other"), request("plan other", 5));
        assert_eq!(edited("a plan"), request("a plan", 0));
    }
}
