//! The numbers, texts, lists and dictionaries of a pickle, read without Python's `pickle`.
//!
//! A pickle is a program for a stack machine that may call any function of any module. This reader knows the opcodes of
//! plain data alone and refuses everything else by name, so that there is nothing to execute. (The crate `serde-pickle`
//! calls nothing either, but a hundred bytes of its `DUP` fill the memory, and nested tuples the stack.)

use std::collections::HashMap;

use serde_json::{Map, Value};

/// Values and marks on the stack: an unpickler's batches are of 1,000 pairs. Nothing is nested deeper than this.
const MAX_STACK: usize = 4096;

/// Bytes of text in all, those that are repeated from the memo included.
const MAX_TEXT: usize = 64 << 20;

/// Why a pickle is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {problem}; nothing in it was run")]
pub struct PickleError {
    /// Where, from 0.
    pub at: usize,
    /// What is wrong there.
    pub problem: String,
}

/// Reads a pickle of protocol 1 to 5. Keys of dictionaries become texts, as in JSON.
///
/// # Errors
/// An opcode that is not plain data (a call, a class, a shared list), a file that is cut off, or too large a content.
pub fn read(bytes: &[u8]) -> Result<Value, PickleError> {
    let mut machine = Machine { bytes, at: 0, stack: Vec::new(), memo: HashMap::new(), text: 0 };
    machine.run().map_err(|problem| PickleError { at: machine.at.saturating_sub(1), problem })
}

enum Entry {
    Mark,
    Value(Value),
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Entry>,
    /// Texts and numbers; `None` stands for a list or dictionary, which can be put but not got.
    memo: HashMap<usize, Option<Value>>,
    text: usize,
}

type Step<T> = Result<T, String>;

impl Machine<'_> {
    fn run(&mut self) -> Step<Value> {
        loop {
            match self.number::<1>()? as u8 {
                0x80 => _ = self.take(1)?,                     // PROTO
                0x95 => _ = self.take(8)?,                     // FRAME
                b'.' => return self.pop(),                     // STOP
                b'(' => self.push_entry(Entry::Mark)?,         // MARK
                b'N' => self.push(Value::Null)?,               // NONE
                0x88 => self.push(Value::Bool(true))?,         // NEWTRUE
                0x89 => self.push(Value::Bool(false))?,        // NEWFALSE
                b']' => self.push(Value::Array(Vec::new()))?,  // EMPTY_LIST
                b'}' => self.push(Value::Object(Map::new()))?, // EMPTY_DICT
                b'K' => self.integer::<1>()?,                  // BININT1
                b'M' => self.integer::<2>()?,                  // BININT2
                b'J' => self.integer::<4>()?,                  // BININT
                b'U' | 0x8c => self.string::<1>()?,            // SHORT_BINSTRING, SHORT_BINUNICODE
                b'T' | b'X' => self.string::<4>()?,            // BINSTRING, BINUNICODE
                0x8d => self.string::<8>()?,                   // BINUNICODE8
                b'a' => self.append()?,                        // APPEND
                b'e' => self.extend()?,                        // APPENDS
                b's' => self.insert()?,                        // SETITEM
                b'u' => self.update()?,                        // SETITEMS
                0x94 => self.memoize(self.memo.len())?,        // MEMOIZE
                b'q' => self.put_memo::<1>()?,                 // BINPUT
                b'r' => self.put_memo::<4>()?,                 // LONG_BINPUT
                b'h' => self.recall::<1>()?,                   // BINGET
                b'j' => self.recall::<4>()?,                   // LONG_BINGET
                b'c' | 0x93 | b'R' | b'i' | b'o' | 0x81 | 0x92 | b'b' | b'P' | b'Q' | 0x82..=0x84 => {
                    return Err("it asks for a class or a function to be called, which is refused".to_owned());
                }
                code => {
                    return Err(format!(
                        "opcode {code:#04x} is not that of a plain number, text, list or dictionary"
                    ));
                }
            }
        }
    }

    fn take(&mut self, count: usize) -> Step<&[u8]> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or("the pickle is cut off")?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// An unsigned number of `N` bytes, little-endian.
    fn number<const N: usize>(&mut self) -> Step<u64> {
        let bytes = self.take(N)?;
        Ok(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// Of the three lengths only the longest is signed.
    fn integer<const N: usize>(&mut self) -> Step<()> {
        let number = self.number::<N>()?;
        self.push(if N == 4 { (number as u32).cast_signed().into() } else { number.into() })
    }

    /// A text after its length in `N` bytes.
    fn string<const N: usize>(&mut self) -> Step<()> {
        let length = self.number::<N>()?;
        let bytes = self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        let text = std::str::from_utf8(bytes).map_err(|_| "a text that is not UTF-8")?.to_owned();
        self.push(text.into())
    }

    fn push_entry(&mut self, entry: Entry) -> Step<()> {
        if self.stack.len() >= MAX_STACK {
            return Err(format!("more than {MAX_STACK} values wait at once"));
        }
        self.stack.push(entry);
        Ok(())
    }

    fn push(&mut self, value: Value) -> Step<()> {
        self.text += value.as_str().map_or(0, str::len);
        if self.text > MAX_TEXT {
            return Err(format!("more than {MAX_TEXT} bytes of text"));
        }
        self.push_entry(Entry::Value(value))
    }

    fn pop(&mut self) -> Step<Value> {
        match self.stack.pop() {
            Some(Entry::Value(value)) => Ok(value),
            _ => Err("a value is missing".to_owned()),
        }
    }

    /// The values above the last mark.
    fn pop_to_mark(&mut self) -> Step<Vec<Value>> {
        let mark = self.stack.iter().rposition(|entry| matches!(entry, Entry::Mark));
        let above = self.stack.split_off(mark.ok_or("a mark is missing")?);
        let value = |entry| match entry {
            Entry::Value(value) => Some(value),
            Entry::Mark => None,
        };
        Ok(above.into_iter().filter_map(value).collect())
    }

    fn top(&mut self) -> Option<&mut Value> {
        match self.stack.last_mut() {
            Some(Entry::Value(value)) => Some(value),
            _ => None,
        }
    }

    fn append(&mut self) -> Step<()> {
        let value = self.pop()?;
        self.list()?.push(value);
        Ok(())
    }

    fn extend(&mut self) -> Step<()> {
        let values = self.pop_to_mark()?;
        self.list()?.extend(values);
        Ok(())
    }

    fn list(&mut self) -> Step<&mut Vec<Value>> {
        self.top().and_then(Value::as_array_mut).ok_or_else(|| "a list is missing".to_owned())
    }

    fn insert(&mut self) -> Step<()> {
        let value = self.pop()?;
        let key = self.pop()?;
        self.put(key, value)
    }

    fn update(&mut self) -> Step<()> {
        let mut values = self.pop_to_mark()?.into_iter();
        while let Some(key) = values.next() {
            let value = values.next().ok_or("a key without a value")?;
            self.put(key, value)?;
        }
        Ok(())
    }

    fn put(&mut self, key: Value, value: Value) -> Step<()> {
        let key = match key {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => return Err("a key that is neither a text nor a number".to_owned()),
        };
        let dictionary = self.top().and_then(Value::as_object_mut).ok_or("a dictionary is missing")?;
        dictionary.insert(key, value);
        Ok(())
    }

    fn put_memo<const N: usize>(&mut self) -> Step<()> {
        let id = self.number::<N>()? as usize;
        self.memoize(id)
    }

    fn memoize(&mut self, id: usize) -> Step<()> {
        let value = self.top().ok_or("a value is missing")?;
        let scalar = (!value.is_array() && !value.is_object()).then(|| value.clone());
        self.memo.insert(id, scalar);
        Ok(())
    }

    fn recall<const N: usize>(&mut self) -> Step<()> {
        let id = self.number::<N>()? as usize;
        match self.memo.get(&id) {
            Some(Some(value)) => self.push(value.clone()),
            Some(None) => Err("a list or dictionary that stands in two places".to_owned()),
            None => Err(format!("value {id} is used before it is there")),
        }
    }
}
