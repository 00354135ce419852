use super::Chunk;
use crate::llm::{Finish, Reply, Usage};

/// Makes one reply of the chunks of a stream, and knows whether its end was seen.
#[derive(Debug, Default)]
pub struct Assembly {
    text: String,
    refused: bool,
    begun: bool,
    done: bool,
    finish: Option<Finish>,
    usage: Option<Usage>,
    model: Option<String>,
    id: Option<String>,
}

impl Assembly {
    /// Takes the next chunk, and tells `show` the text that it brings. A chunk that holds an error is the caller's.
    pub fn push(&mut self, chunk: Chunk<'_>, show: &mut dyn FnMut(&str)) {
        self.begun = true;
        self.done |= chunk.done;
        self.refused |= chunk
            .refusal
            .as_deref()
            .is_some_and(|refusal| !refusal.is_empty());
        for more in [chunk.text, chunk.refusal].into_iter().flatten() {
            if !more.is_empty() {
                self.text.push_str(&more);
                show(&more);
            }
        }
        // The first word stands: a server that repeats itself does not change what was said.
        self.finish = self.finish.take().or(chunk.finish);
        self.usage = chunk.usage.or(self.usage);
        self.model = self.model.take().or(chunk.model.map(Into::into));
        self.id = self.id.take().or(chunk.id.map(Into::into));
    }

    /// Whether any chunk came.
    pub fn begun(&self) -> bool {
        self.begun
    }

    /// Bytes of text so far.
    pub fn length(&self) -> usize {
        self.text.len()
    }

    /// Whether the text is whole: the provider named a reason to stop, or marked the end.
    pub fn whole(&self) -> bool {
        self.done || self.finish.is_some()
    }

    /// Whether the provider marked the end, after which it sends nothing.
    pub fn done(&self) -> bool {
        self.done
    }

    /// The reply; `None` when its end was not seen. `request_id` is the id of the response's header, which a support
    /// case goes by; without one the id of the reply stands in.
    pub fn finish(self, request_id: Option<String>) -> Option<Reply> {
        if !self.whole() {
            return None;
        }
        let finish = match self.finish {
            // A refusal stops for the reason `stop`: the text is there, but it is no reply.
            Some(Finish::Stop) | None if self.refused => Finish::Refusal,
            Some(finish) => finish,
            None => Finish::Stop,
        };
        Some(Reply {
            text: self.text,
            finish,
            usage: self.usage,
            model: self.model,
            request_id: request_id.or(self.id),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Chunk<'_> {
        Chunk {
            text: Some(text.into()),
            ..Chunk::default()
        }
    }

    fn finish(finish: Finish) -> Chunk<'static> {
        Chunk {
            finish: Some(finish),
            ..Chunk::default()
        }
    }

    fn done() -> Chunk<'static> {
        Chunk {
            done: true,
            ..Chunk::default()
        }
    }

    fn assemble(chunks: Vec<Chunk<'_>>) -> (Option<Reply>, String) {
        let mut assembly = Assembly::default();
        let mut shown = String::new();
        for chunk in chunks {
            assembly.push(chunk, &mut |more| shown.push_str(more));
        }
        (assembly.finish(None), shown)
    }

    fn reply(text: &str, finish: Finish) -> Option<Reply> {
        Some(Reply {
            text: text.to_owned(),
            finish,
            usage: None,
            model: None,
            request_id: None,
        })
    }

    #[test]
    fn an_end_makes_a_reply_and_nothing_else_does() {
        let cases = [
            (vec![text("a"), text("b")], None),
            (vec![], None),
            (vec![text("a"), done()], reply("a", Finish::Stop)),
            (
                vec![text("a"), finish(Finish::Length)],
                reply("a", Finish::Length),
            ),
            (
                vec![text("a"), finish(Finish::Stop), finish(Finish::Length)],
                reply("a", Finish::Stop),
            ),
        ];
        for (chunks, expected) in cases {
            assert_eq!(assemble(chunks.clone()).0, expected, "{chunks:?}");
        }
    }

    #[test]
    fn a_refusal_is_shown_and_is_no_reply() {
        let refusal = Chunk {
            refusal: Some("I cannot".into()),
            ..Chunk::default()
        };
        let (made, shown) = assemble(vec![text(""), refusal, finish(Finish::Stop)]);
        assert_eq!(made, reply("I cannot", Finish::Refusal));
        assert_eq!(shown, "I cannot");
    }
}
