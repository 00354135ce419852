use super::path::{ends_alike, folded, name, resolved};
use crate::plan::Plan;
use crate::words::Source;

/// What belongs to the plan itself: no reply may change it.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// Folded. The plan's own may be as seen from another folder than the root.
    paths: Vec<String>,
    /// The proposal's id, folded.
    id: Option<String>,
}

impl Own {
    pub(super) fn of(plan: &Plan, source: &Source) -> Self {
        let folder = source.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut paths = vec![folded(&resolved(source.path()))];
        let links = [&plan.header.requirements, &plan.header.design];
        for link in links.into_iter().flatten() {
            let target = link.target();
            let beside = format!("{folder}/{target}");
            let named = format!("{folder}/{}", name(&target));
            for path in [target.as_ref(), &beside, &named] {
                paths.push(folded(&resolved(path)));
            }
        }
        paths.retain(|path| !path.is_empty());
        Self {
            paths,
            id: plan.id(source).map(|id| id.to_lowercase()),
        }
    }

    /// Whether a path is one of them, or looks like one: a Markdown file named by the proposal's id, wherever it is.
    pub(super) fn holds(&self, path: &str) -> bool {
        let path = folded(path);
        let named = |id: &String| {
            let rest = name(&path).strip_prefix(id.as_str());
            rest.is_some_and(|rest| rest.starts_with(['-', '.']) && rest.ends_with(".md"))
        };
        self.id.as_ref().is_some_and(named) || self.paths.iter().any(|own| ends_alike(own, &path))
    }
}
