//! What the model of a plan says, and that what it writes is what it means.

mod contents;
mod corpus;
mod replies;
mod scenario;

use std::collections::BTreeMap;

use super::PlanModel;
use crate::plan::Plan;
use crate::reply::file_edits;
use crate::words::Source;

/// The model of a plan at `docs/EP-7-plan.md`.
fn model(text: &str) -> PlanModel {
    let source = Source::new("docs/EP-7-plan.md", text.into()).unwrap();
    PlanModel::new(&Plan::read(&source), &source)
}

/// Files by their paths.
type Tree = BTreeMap<String, String>;

fn tree(files: &[(&str, &str)]) -> Tree {
    let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
    files.iter().map(owned).collect()
}

fn say(model: &PlanModel, step: &str, tree: &Tree) -> String {
    model.say(step, &|path| tree.get(path).cloned()).unwrap()
}

/// The files of a reply, as a session reads them.
fn edits(reply: &str) -> Tree {
    let edits = file_edits(reply).unwrap();
    edits.into_iter().map(|edit| (edit.path, edit.content)).collect()
}

/// A plan of one step that names these lines as files.
fn one_step(files: &[&str]) -> PlanModel {
    let files: String = files.iter().map(|file| format!("- {file}\n")).collect();
    model(&format!(
        "# EP-7: Tea\n\n## Phase 1: All\n\n#### Step 1.1: Brew\n**Goal:** Brew it\n\n\
         **Files to Create/Modify:**\n{files}\n**AI Prompt:** `Do it`\n\n**Tasks:**\n- [ ] Brew\n"
    ))
}
