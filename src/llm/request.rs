/// One request to a model, in no provider's dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What the model is told about its role; the same for every step of every plan.
    pub system: String,
    /// The text that asks: documents and plan overview first, then the step, last the AI prompt line.
    pub user: String,
    /// Id of the step that asks, such as `1.2`. Never sent; the mock and the records go by it.
    pub step: String,
    /// Number of the attempt at this step, from 1. Never sent.
    pub attempt: u32,
}
