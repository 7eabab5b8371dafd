//! What a request is refused with.

use serde::{Deserialize, Serialize};

/// The body of every answer that is not a success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// What is wrong and what to do, for the user.
    pub message: String,
    /// The fields that are wrong, as `regions[2].weight`, with what is wrong with each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<String>>))]
    pub fields: Vec<(String, String)>,
}

impl Failure {
    /// Of no field in particular.
    pub fn message(message: impl Into<String>) -> Self {
        Self { message: message.into(), fields: Vec::new() }
    }

    /// Of one field, and what is wrong with it.
    pub fn field(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::fields(vec![(path.into(), what.into())])
    }

    /// Of these fields, which must not be none; the message lists them.
    pub fn fields(fields: Vec<(String, String)>) -> Self {
        let list: Vec<String> = fields.iter().map(|(path, what)| format!("{path} {what}")).collect();
        Self { message: format!("The request is not valid: {}.", list.join("; ")), fields }
    }

    /// Refuses these fields, if there are any.
    ///
    /// # Errors
    /// [`Self::fields`].
    pub fn refuse(fields: Vec<(String, String)>) -> Result<(), Self> {
        if fields.is_empty() { Ok(()) } else { Err(Self::fields(fields)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_lists_its_fields_and_there_is_none_without_any() {
        let failure = Failure::field("steps", "is 0; allowed: 1 to 150");
        assert_eq!(failure.message, "The request is not valid: steps is 0; allowed: 1 to 150.");
        assert_eq!(Failure::refuse(failure.fields.clone()), Err(failure));
        assert_eq!(Failure::refuse(Vec::new()), Ok(()));
    }
}
