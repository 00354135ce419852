//! Plans of any size, and what other programs read in their place.

use std::fmt::Write as _;

/// How much a step says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Steps {
    /// A prompt, a task, a criterion and a check: some 300 bytes, nearest to a task of other programs.
    Short,
    /// All parts of the template, with an example of code: some 3 KB, as plans are.
    Whole,
}

/// A plan of at least so many bytes, made of whole steps.
pub(crate) fn plan_of(size: usize) -> String {
    plan(Steps::Whole, usize::MAX, size)
}

/// A plan of so many steps, a hundred a phase; it ends earlier, after a step, where it is as long as `size`.
pub(crate) fn plan(steps: Steps, count: usize, size: usize) -> String {
    let mut text = "# EP-0100: A Long Way - Implementation Plan\n\n\
         **Status:** In Progress\n**Created:** 2025-01-01\n**Updated:** 2025-01-01\n\n\
         ## Implementation Overview\n\nA plan as long as it has to be.\n\n### Success Criteria\n- [ ] It ends\n\n"
        .to_owned();
    for index in 0..count {
        let (phase, step) = (index / 100 + 1, index % 100 + 1);
        if step == 1 {
            let _ = write!(
                text,
                "## Phase {phase}: Part {phase}\n\n**Goal:** The next hundred steps\n\n"
            );
        }
        let _ = write!(
            text,
            "#### Step {phase}.{step}: Lay stone {index}\n\n\
             **AI Prompt:** `Carry out Step {phase}.{step} of EP-0100: lay the stone.`\n\n\
             **Tasks:**\n- [ ] Lay the stone\n"
        );
        if steps == Steps::Whole {
            whole(&mut text, phase, step);
        }
        let _ = write!(
            text,
            "\n**Validation Criteria:**\n- [ ] It does not rock\n\n\
             **Success Check:**\n```bash\ntest -s wall/{index}\n```\n\n"
        );
        if text.len() >= size {
            break;
        }
    }
    text
}

/// The parts that a short step has not.
fn whole(text: &mut String, phase: usize, step: usize) {
    for task in 1..=6 {
        let _ = writeln!(
            text,
            "- [ ] Cut side {task} of it to its **measure**, as `wall/{phase}/{step}.txt` has it"
        );
    }
    let before = match (phase, step) {
        (1, 1) => "None".to_owned(),
        (_, 1) => format!("Step {}.100 must be complete", phase - 1),
        _ => format!("Step {phase}.{} must be complete", step - 1),
    };
    let _ = write!(
        text,
        "\n**Goal:** Carry the wall one stone further, level with those beside it\n\n\
         **Files to Create/Modify:**\n- `wall/{phase}/{step}.txt` (new - where it lies, and how it was cut)\n\n\
         **Dependencies:**\n- {before}\n\n\
         The stone is measured as the [design](design.md) says, and its record is read by what comes after:\n\n```python\n"
    );
    for line in 0..30 {
        let _ = writeln!(
            text,
            "    side_{line} = measure(stone, edge={line}, unit=\"mm\")  # {phase}.{step}"
        );
    }
    text.push_str("```\n\n**Rollback Plan:**\n- Take the stone away, and clean the joint\n");
}

/// A file of so many tasks for mask.
pub(crate) fn maskfile(tasks: usize) -> String {
    let mut text = "# Tasks\n\n".to_owned();
    for task in 1..=tasks {
        let _ = write!(
            text,
            "## stone-{task}\n\n> Lay stone {task}\n\n~~~bash\necho laid {task}\n~~~\n\n"
        );
    }
    text
}
