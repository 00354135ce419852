//! What holds for every text.

use proptest::prelude::{Just, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

use super::blocks::{Block, read_window};
use super::windows::read_by;
use super::{Checkbox, Number, Plan, Tick};
use crate::words::{Digest, Source};

/// Lines as plans have them, and lines that break them.
fn line() -> impl Strategy<Value = String> {
    let known = prop_oneof![
        Just("## Phase 1: One"),
        Just("### Step 1.1: First"),
        Just("#### Step 1.2: Second"),
        Just("### Phase 1 Completion Criteria"),
        Just("# Title"),
        Just("Step 2.1: Setext"),
        Just("---"),
        Just("===="),
        Just("**Status:** Draft"),
        Just("**Tasks:**"),
        Just("**Validation Criteria:**"),
        Just("**Success Check:** `ls`"),
        Just("**Dependencies:** Step 1.1 and 1.2"),
        Just("**Files:** `a/b.c` (new - it is)"),
        Just("**AI Prompt:** `Do [what]`"),
        Just("- [ ] open"),
        Just("- [x] done `code`"),
        Just("* [X] star"),
        Just("+ [ ] plus **Bold:** x"),
        Just("1. [ ] one"),
        Just("  - [ ] nested"),
        Just("\t- [ ] tab"),
        Just("- [ ]"),
        Just("- - [ ] two"),
        Just("> - [ ] quoted"),
        Just("    - [ ] indented"),
        Just("```"),
        Just("```bash"),
        Just("  ~~~"),
        Just("# comment"),
        Just("<!-- AI: hint -->"),
        Just("<!--"),
        Just("-->"),
        Just("<div>"),
        Just("<script>"),
        Just("[a] [b c]"),
        Just("- [Text]: [Other]"),
        Just("words"),
        Just("more äöü\u{2028} words"),
        Just(""),
        Just(""),
    ];
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn text() -> impl Strategy<Value = String> {
    let ends = prop_oneof![6 => Just("\n"), 1 => Just("\r\n")];
    let lines = prop::collection::vec((line(), ends), 0..40);
    (prop_oneof![9 => Just(""), 1 => Just("\u{feff}")], lines).prop_map(|(mark, lines)| {
        lines
            .iter()
            .fold(mark.to_owned(), |text, (line, end)| text + line + end)
    })
}

fn source(text: &str) -> Result<Source, TestCaseError> {
    Source::new("p.md", text.into()).map_err(|refused| TestCaseError::fail(refused.message))
}

/// Every box of a plan by its byte.
fn boxes(plan: &Plan) -> Vec<(usize, bool)> {
    let mut boxes: Vec<_> = plan
        .boxes()
        .map(|checkbox| (checkbox.offset, checkbox.done))
        .collect();
    boxes.sort_unstable();
    boxes
}

/// Flips the box at a byte, as if it had been read so.
fn flip(plan: &mut Plan, offset: usize) {
    let flip = |boxes: &mut Vec<Checkbox>| {
        boxes
            .iter_mut()
            .filter(|checkbox| checkbox.offset == offset)
            .for_each(|checkbox| checkbox.done ^= true);
    };
    plan.checklists.iter_mut().for_each(|list| flip(&mut list.boxes));
    for phase in &mut plan.phases {
        flip(&mut phase.completion);
        for step in &mut phase.steps {
            [&mut step.tasks, &mut step.criteria, &mut step.other]
                .into_iter()
                .for_each(flip);
        }
    }
}

fn blocks(text: &str, window: usize) -> Vec<String> {
    let mut all = Vec::new();
    read_by(window, text, read_window, |blocks| {
        blocks.for_each(|block, inlines| {
            all.push(match block {
                // Which inlines they are is counted in each window anew.
                Block::Paragraph { span, .. } => format!("{span:?} {inlines:?}"),
                other => format!("{other:?}"),
            });
        });
    });
    all
}

proptest! {
    #[test]
    fn reading_survives_any_text(text in prop_oneof![text(), "\\PC*", "[-\\[\\] x*_`~<>!#:.\n\t1a]{0,200}"]) {
        if let Ok(source) = Source::new("p.md", text.clone().into()) {
            let plan = Plan::read(&source);
            plan.verify(&source);
            for finding in plan.lint(&source) {
                let place = finding.diagnostic(&source).place;
                prop_assert!(place.is_some_and(|place| place.line >= 1 && place.column >= 1));
            }
            for (offset, done) in boxes(&plan) {
                let brackets = &text.as_bytes()[offset - 1..offset + 2];
                prop_assert!(brackets[0] == b'[' && brackets[2] == b']', "{brackets:?} at {offset}");
                prop_assert_eq!(done, brackets[1].eq_ignore_ascii_case(&b'x'));
            }
            for (_, step) in plan.steps() {
                prop_assert_eq!(step.fingerprint(&source), Digest::of(step.unticked(&source)));
            }
            let mut offsets: Vec<_> = boxes(&plan);
            offsets.dedup_by_key(|(offset, _)| *offset);
            prop_assert_eq!(offsets.len(), plan.boxes().count());
        }
    }

    #[test]
    fn a_tick_changes_one_byte_and_one_box(text in text(), pick: prop::sample::Index) {
        let source = source(&text)?;
        let mut plan = Plan::read(&source);
        let all: Vec<_> = plan.boxes().cloned().collect();
        if !all.is_empty() {
            let checkbox = &all[pick.index(all.len())];
            let tick = Tick::of(checkbox, !checkbox.done, &source);
            let tick = tick.ok_or_else(|| TestCaseError::fail("nothing to tick"))?;
            let mut bytes = text.clone().into_bytes();
            bytes[tick.offset] = tick.byte();
            let different = bytes.iter().zip(text.as_bytes()).filter(|(new, old)| new != old).count();
            prop_assert_eq!((different, bytes.len()), (1, text.len()));
            let line = &text.as_bytes()[tick.line_start..][..tick.line.len()];
            prop_assert_eq!(line, tick.line.as_bytes());

            let ticked = String::from_utf8(bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let again = Plan::read(&self::source(&ticked)?);
            flip(&mut plan, tick.offset);
            prop_assert_eq!(format!("{again:?}"), format!("{plan:?}"));
        }
    }

    #[test]
    fn a_window_is_read_as_the_whole_would_be(text in text(), size in 1_usize..60) {
        // A link's definition is known in its window only.
        prop_assert_eq!(blocks(&text, size), blocks(&text, usize::MAX));
    }

    #[test]
    fn numbers_are_ordered_by_number(a in prop::collection::vec(0_u32..30, 1..4), b in prop::collection::vec(0_u32..30, 1..4)) {
        let number = |parts: &[u32]| {
            let text = parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
            let number = Number::parse(&text);
            (number.map(|number| number.to_string()) == Some(text)).then_some(number).flatten()
        };
        let (first, second) = (number(&a), number(&b));
        prop_assert!(first.is_some() && second.is_some());
        prop_assert_eq!(first.cmp(&second), a.cmp(&b));
        prop_assert_eq!(first == second, a == b);
    }
}
