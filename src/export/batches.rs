use super::layout::Layout;
use super::output::{Sink, length};
use super::sheet::Sheet;
use super::{ExportedPlan, ExportedStep, Limits, Wire};
use crate::words::{Diagnostic, Exit, Failure};

/// Requests for a batch engine, in as many files as its limits want.
pub(super) struct Batches {
    frame: Frame,
    limits: Limits,
    current: Option<(Sheet, usize)>,
    /// Files begun.
    count: usize,
}

/// What stands around requests.
struct Frame {
    ending: &'static str,
    /// Before the first request of a file, before every other, and after the last.
    open: &'static str,
    between: &'static str,
    close: &'static str,
    /// Behind the id, and behind the body.
    behind_id: String,
    behind: &'static str,
}

impl Batches {
    /// A request a line, for OpenAI's engine.
    pub(super) fn lines(wire: &Wire, limits: Limits) -> Self {
        Self::new(
            Frame {
                ending: "jsonl",
                open: "",
                between: "",
                close: "",
                behind_id: format!(r#"","method":"POST","url":"{}","body":"#, wire.path()),
                behind: "}\n",
            },
            limits,
        )
    }

    /// One document, for Anthropic's.
    pub(super) fn document(limits: Limits) -> Self {
        Self::new(
            Frame {
                ending: "json",
                open: "{\"requests\":[\n",
                between: ",\n",
                close: "\n]}\n",
                behind_id: r#"","params":"#.to_owned(),
                behind: "}",
            },
            limits,
        )
    }

    fn new(frame: Frame, limits: Limits) -> Self {
        Self {
            frame,
            limits,
            current: None,
            count: 0,
        }
    }

    /// The file that takes a request of so many bytes.
    fn sheet(&mut self, size: u64, sink: &mut Sink<'_>) -> Result<&mut (Sheet, usize), Failure> {
        let frame = &self.frame;
        let around = (frame.between.len() + frame.close.len()) as u64;
        let full = |(sheet, requests): &(Sheet, usize)| {
            *requests == self.limits.requests || sheet.bytes + around + size > self.limits.bytes
        };
        if self.current.as_ref().is_some_and(full) {
            if sink.is_stream() {
                return Err(self.too_much());
            }
            self.end(sink)?;
        }
        match &mut self.current {
            Some(current) => Ok(current),
            none => {
                self.count += 1;
                let path = format!("requests-{:04}.{}", self.count, self.frame.ending);
                let mut sheet = sink.begin(&path)?;
                sink.add(&mut sheet, &[self.frame.open.as_bytes()])?;
                Ok(none.insert((sheet, 0)))
            }
        }
    }

    fn end(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        if let Some((mut sheet, _)) = self.current.take() {
            sink.add(&mut sheet, &[self.frame.close.as_bytes()])?;
            sink.end(sheet);
        }
        Ok(())
    }

    fn too_much(&self) -> Failure {
        let Limits { requests, bytes } = self.limits;
        let text = format!(
            "this is more than one file takes, {requests} requests or {bytes} bytes, and standard output is one"
        );
        Failure::new(Exit::Usage, "too-much", text)
            .help("name a folder with `-o DIR`, or export fewer plans or steps at a time")
    }
}

impl Frame {
    /// A request with all that belongs to it.
    fn request<'a>(&'a self, step: &'a ExportedStep, whole: &'a mut Vec<u8>) -> [&'a [u8]; 7] {
        let [head, own, tail] = step.body_parts(whole);
        [
            br#"{"custom_id":""#,
            step.id.as_str().as_bytes(),
            self.behind_id.as_bytes(),
            head,
            own,
            tail,
            self.behind.as_bytes(),
        ]
    }
}

impl Layout for Batches {
    fn check(&self, plan: &ExportedPlan) -> Result<(), Failure> {
        let around = (self.frame.open.len() + self.frame.close.len()) as u64;
        for step in &plan.steps {
            let size = length(&self.frame.request(step, &mut Vec::new())) + around;
            if size > self.limits.bytes {
                let text = format!(
                    "the request of step {} of `{}` has {size} bytes, and a file takes {}",
                    step.step, plan.path, self.limits.bytes
                );
                return Err(Failure::from(
                    Diagnostic::error("too-long", text)
                        .help("let the step show less: see `stepgate prompt PLAN STEP`"),
                ));
            }
        }
        Ok(())
    }

    fn step(
        &mut self,
        _: &ExportedPlan,
        step: &ExportedStep,
        sink: &mut Sink<'_>,
    ) -> Result<String, Failure> {
        let mut whole = Vec::new();
        let size = length(&self.frame.request(step, &mut whole));
        self.sheet(size, sink)?;
        let Some((sheet, requests)) = &mut self.current else {
            return Ok(String::new());
        };
        let mut parts = [&[] as &[u8]; 8];
        if *requests > 0 {
            parts[0] = self.frame.between.as_bytes();
        }
        parts[1..].copy_from_slice(&self.frame.request(step, &mut whole));
        sink.add(sheet, &parts)?;
        *requests += 1;
        Ok(sheet.path.clone())
    }

    fn plan(&mut self, _: &ExportedPlan, _: &mut Sink<'_>) -> Result<(), Failure> {
        Ok(())
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        self.end(sink)
    }
}
