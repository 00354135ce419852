//! Markdown as people write it: every box that CommonMark has is counted, and no other.

use serde_json::Value;

use crate::place::{PLAN, Place, json};

/// The plan as `show --json` has it.
fn shown(bytes: &[u8]) -> Value {
    let place = Place::new();
    place.write("p.md", bytes);
    let ran = place.run(&["show", "--json", "p.md"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    json(&ran)
}

/// Every box of a document, wherever it stands in it.
pub(crate) fn boxes(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(fields) if fields.contains_key("offset") => vec![value],
        Value::Object(fields) => fields.values().flat_map(boxes).collect(),
        Value::Array(values) => values.iter().flat_map(boxes).collect(),
        _ => Vec::new(),
    }
}

/// Each box of the document stands where it says, and there are as many as it says.
pub(crate) fn true_boxes(document: &Value, bytes: &[u8]) -> usize {
    let boxes = boxes(document);
    for found in &boxes {
        let offset = usize::try_from(found["offset"].as_u64().unwrap()).unwrap();
        let expected = if found["done"] == true {
            &[&b"[x]"[..], b"[X]"]
        } else {
            &[&b"[ ]"[..], b"[ ]"]
        };
        assert!(expected.contains(&&bytes[offset - 1..offset + 2]), "{found}");
        let line = 1 + bytes[..offset].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(found["line"], line, "{found}");
    }
    let ticked = boxes.iter().filter(|found| found["done"] == true).count();
    assert_eq!(
        document["boxes"],
        serde_json::json!({"done": ticked, "total": boxes.len()})
    );
    boxes.len()
}

/// The document without what depends on bytes and lines.
fn meaning(bytes: &[u8]) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| name != "offset" && name != "line");
                fields.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut document = shown(bytes);
    assert_eq!(true_boxes(&document, bytes), 7);
    strip(&mut document);
    document
}

#[test]
fn line_ends_marks_and_tabs_change_nothing() {
    let plain = meaning(PLAN.as_bytes());
    let crlf = PLAN.replace('\n', "\r\n");
    let mixed = PLAN.replacen('\n', "\r\n", 30);
    let bom = format!("\u{feff}{crlf}");
    let tabs = PLAN.replace("- [", "-\t[").replace("] ", "]\t");
    let setext = PLAN
        .replace("## Phase 1: Hands\n", "Phase 1: Hands\n---\n")
        .replace(
            "# EP-0007: A Clock - Implementation Plan\n",
            "EP-0007: A Clock - Implementation Plan\n===\n",
        );
    for text in [
        crlf.as_str(),
        &mixed,
        &bom,
        &tabs,
        &setext,
        PLAN.trim_end(),
        &format!("{PLAN}\n\n\n"),
    ] {
        assert_eq!(meaning(text.as_bytes()), plain, "{text:?}");
    }
}

#[test]
fn a_box_is_an_item_of_any_marker() {
    let text = PLAN.replace(
        "- [x] Cut it\n- [ ] Fix it\n",
        "* [x] star\n\n+ [ ] plus\n\n1. [X] one\n2) [ ] two\n\n- [ ] outer\n  - [x] inner\n    1. [ ] innermost\n",
    );
    let document = shown(text.as_bytes());
    let tasks: Vec<_> = document["phases"][0]["steps"][0]["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    let found: Vec<_> = tasks
        .iter()
        .map(|task| (task["text"].as_str().unwrap(), task["done"] == true))
        .collect();
    assert_eq!(
        found,
        [
            ("star", true),
            ("plus", false),
            ("one", true),
            ("two", false),
            ("outer", false),
            ("inner", true),
            ("innermost", false)
        ]
    );
    assert_eq!(true_boxes(&document, text.as_bytes()), 12);
}

#[test]
fn what_is_no_structure_is_not_counted() {
    let hidden = "\
> - [ ] in a quote
> #### Step 9.1: In a quote

```
- [ ] in a fence
#### Step 9.2: In a fence
```

~~~markdown
- [ ] in another
~~~

<!--
- [ ] in a comment
#### Step 9.3: In a comment
-->

words, not a list

    - [ ] in indented code
    #### Step 9.4: In indented code

`- [ ] in a code span`, [ ] in words, and \\- [ ] escaped

- \\[ ] an item without a box
- [y] another
- [] and another
";
    let text = PLAN.replace("**Rollback Plan:**\n", &format!("{hidden}\n**Rollback Plan:**\n"));
    let document = shown(text.as_bytes());
    assert_eq!(true_boxes(&document, text.as_bytes()), 7);
    let steps = document["phases"][0]["steps"].as_array().unwrap();
    assert_eq!(
        steps
            .iter()
            .map(|step| step["id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["1.1", "1.2"]
    );
}

#[test]
fn one_step_alone() {
    let place = Place::new();
    place.write("p.md", PLAN);
    let document = json(&place.run(&["show", "--json", "p.md", "1.2"]));
    assert_eq!(document["schema"], "stepgate.step/1");
    let mut expected = json(&place.run(&["show", "--json", "p.md"]))["phases"][0]["steps"][1].clone();
    expected["schema"] = "stepgate.step/1".into();
    // Whether a batch has it, which a plan by itself does not know.
    expected["waiting"] = serde_json::Value::Null;
    assert_eq!(document, expected);
    let expected = "\
Step 1.2: The Minute Hand  [waits for step 1.1] (line 34)
  goal: It shows the minute
  prompt:
    Make the minute hand.
  tasks 0/1:
    [ ] Cut it
  dependencies:
    Step 1.1 must be complete  [step 1.1]
    A second pair of hands  [external: for a person to confirm]
  criteria 0/1:
    [ ] It turns faster
  success check (bash):
    test -f minute.txt
  rollback:
    - Take it off
";
    assert_eq!(place.run(&["show", "p.md", "step 1.2"]).out, expected);
}

#[test]
fn the_whole_plan_as_read() {
    let expected = "\
EP-0007: A Clock - Implementation Plan
  file          p.md
  id            EP-0007
  status        Approved
  created       -
  updated       -
  phase         -
  requirements  docs/requirements.md
  design        docs/design.md
  done          1 of 7 boxes, 0 of 2 steps

Phase 1: Hands

Step 1.1: The Hour Hand  [ready] (line 9)
  goal: It shows the hour
  files:
    hour.txt (new)
  prompt:
    Make the hour hand.
  tasks 1/2:
    [x] Cut it
    [ ] Fix it
  criteria 0/1:
    [ ] It turns
  success check (python):
    npm start
    ! cannot be run: the success check is `python`, not a shell script
    ! line 1: this looks like a command that runs until somebody ends it: npm start
  rollback:
    - Take it off
";
    let place = Place::new();
    place.write(
        "p.md",
        PLAN.replacen("```bash\ntest -f hour.txt", "```python\nnpm start", 1),
    );
    let ran = place.run(&["show", "p.md"]);
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    let end = "\
  completion criteria 0/1:
    [ ] Both turn

Completion Criteria
  boxes 0/1:
    [ ] It tells the time

next: step 1.1 The Hour Hand
";
    assert!(ran.out.ends_with(end), "{}", ran.out);
}
