use super::Chunk;
use crate::llm::{Finish, Reply, Usage};

/// Makes one reply of the chunks of a stream, and knows whether its end was seen.
#[derive(Debug, Default)]
pub struct Assembly {
    text: String,
    refused: bool,
    begun: bool,
    done: bool,
    mark_needed: bool,
    finish: Option<Finish>,
    usage: Option<Usage>,
    model: Option<String>,
    id: Option<String>,
}

impl Assembly {
    /// An assembly for a provider whose replies always end with its mark: a reason to stop is not their end.
    pub fn to_the_mark() -> Self {
        Self {
            mark_needed: true,
            ..Self::default()
        }
    }

    /// Takes the next chunk, and tells `show` the text that it brings. A chunk that holds an error is the caller's.
    pub fn push(&mut self, chunk: Chunk<'_>, show: &mut dyn FnMut(&str)) {
        if chunk.ping {
            return;
        }
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
        self.usage = match (self.usage, chunk.usage) {
            (Some(known), Some(told)) => Some(grown(known, told)),
            (known, told) => told.or(known),
        };
        // Every chunk repeats them: they are copied once.
        if self.model.is_none() {
            self.model = chunk.model.map(Into::into);
        }
        if self.id.is_none() {
            self.id = chunk.id.map(Into::into);
        }
    }

    /// Whether any chunk of a reply came.
    pub fn begun(&self) -> bool {
        self.begun
    }

    /// Bytes of text so far.
    pub fn length(&self) -> usize {
        self.text.len()
    }

    /// Whether the text is whole: the provider marked the end, or named a reason to stop where that is an end.
    pub fn whole(&self) -> bool {
        self.done || (self.finish.is_some() && !self.mark_needed)
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

/// Counts only grow while a reply comes, and a later one may tell a part of what an earlier one told.
fn grown(known: Usage, told: Usage) -> Usage {
    Usage {
        input: known.input.max(told.input),
        cached: known.cached.max(told.cached),
        output: known.output.max(told.output),
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
    #[test]
    fn where_the_mark_is_needed_a_reason_is_no_end() {
        let mut assembly = Assembly::to_the_mark();
        assembly.push(text("a"), &mut |_| ());
        assembly.push(finish(Finish::Stop), &mut |_| ());
        assert!(!assembly.whole());
        assembly.push(done(), &mut |_| ());
        assert_eq!(assembly.finish(None), reply("a", Finish::Stop));
    }

    #[test]
    fn a_ping_begins_nothing() {
        let ping = Chunk {
            ping: true,
            ..Chunk::default()
        };
        let mut assembly = Assembly::default();
        assembly.push(ping, &mut |_| ());
        assert!(!assembly.begun());
    }

    #[test]
    fn a_later_count_adds_to_an_earlier_one() {
        let counted = |input, cached, output| Usage {
            input,
            cached,
            output,
        };
        let mut assembly = Assembly::default();
        for usage in [counted(2005, 2000, 1), counted(3, 0, 15)] {
            let chunk = Chunk {
                usage: Some(usage),
                ..Chunk::default()
            };
            assembly.push(chunk, &mut |_| ());
        }
        assembly.push(done(), &mut |_| ());
        assert_eq!(
            assembly.finish(None).unwrap().usage,
            Some(counted(2005, 2000, 15))
        );
    }
}
