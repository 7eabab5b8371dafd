//! Unguessable names: 128 random bits in lower-case hexadecimal.

/// Defines a type per kind of name, so that they cannot be mixed up.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// Creates a new one from a cryptographically secure generator.
            pub fn random() -> Self {
                Self(format!("{:032x}", rand::random::<u128>()))
            }

            /// Parses what [`Self::as_str`] wrote; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                (text.len() == 32 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
            }

            /// The 32 digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

name! {
    /// Identifies a job.
    JobId
}
name! {
    /// Identifies a client, the only one to reach its jobs.
    Owner
}
name! {
    /// Identifies one of several claims on a job.
    ClaimId
}
name! {
    /// Lets anyone who has it see one finished job.
    ShareToken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_128_bits_and_read_back_as_it_was_written() {
        let id = JobId::random();
        assert_eq!(JobId::parse(id.as_str()), Some(id.clone()));
        assert_ne!(JobId::random(), id);
        let upper = id.as_str().to_uppercase().replace(|c: char| c.is_ascii_digit(), "A");
        for other in ["", "0", "../../../../../../../etc/passwd_", "0123456789abcdef0123456789abcdeg", &upper]
        {
            assert_eq!(JobId::parse(other), None, "{other}");
        }
    }
}
