//! Reads the numbers, strings, lists and dictionaries of a pickle without Python's `pickle`.
//!
//! A pickle is a program for a stack machine that may call any function of any module. This reader knows only
//! the opcodes of plain data and refuses all others by name, so nothing is executed. (`serde-pickle` calls
//! nothing either, but a hundred bytes of its `DUP` exhaust memory, and nested tuples the stack.)

use std::collections::HashMap;

use serde_json::{Map, Value};

/// Maximum values on the stack: pickle batches 1,000 pairs. It also limits nesting.
const MAX_STACK: usize = 4096;

/// Maximum bytes of text, including repetitions from the memo.
const MAX_TEXT: usize = 64 << 20;

/// Why a pickle cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {problem}; nothing in it was run")]
pub struct PickleError {
    /// The byte offset.
    pub at: usize,
    /// What is wrong there.
    pub problem: String,
}

/// Reads a pickle of protocol 1 to 5. Dictionary keys become strings, as in JSON.
///
/// # Errors An opcode is not plain data (a call, a class, a shared list), the file is cut off, or too large.
pub fn read(bytes: &[u8]) -> Result<Value, PickleError> {
    let mut machine = Machine { bytes, ..Machine::default() };
    machine.run().map_err(|problem| PickleError { at: machine.at.saturating_sub(1), problem })
}

#[derive(Default)]
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    /// Stack heights.
    marks: Vec<usize>,
    /// Strings and numbers; `None` stands for a list or dictionary, which can be put but not got.
    memo: HashMap<usize, Option<Value>>,
    text: usize,
}

type Step<T> = Result<T, String>;

impl Machine<'_> {
    fn run(&mut self) -> Step<Value> {
        loop {
            let height = self.stack.len();
            match self.number(1)? as u8 {
                0x80 => _ = self.take(1)?,                                            // PROTO
                0x95 => _ = self.take(8)?,                                            // FRAME
                b'N' => self.push(Value::Null)?,                                      // NONE
                op @ (0x88 | 0x89) => self.push(Value::Bool(op == 0x88))?,            // NEWTRUE, NEWFALSE
                b']' => self.push(Value::Array(Vec::new()))?,                         // EMPTY_LIST
                b'}' => self.push(Value::Object(Map::new()))?,                        // EMPTY_DICT
                b'K' => self.integer(1)?,                                             // BININT1
                b'M' => self.integer(2)?,                                             // BININT2
                b'J' => self.integer(4)?,                                             // BININT
                b'U' | 0x8c => self.string(1)?, // SHORT_BINSTRING, SHORT_BINUNICODE
                b'T' | b'X' => self.string(4)?, // BINSTRING, BINUNICODE
                0x8d => self.string(8)?,        // BINUNICODE8
                b'(' => self.marks.push(height), // MARK
                b'a' => self.fill(height.saturating_sub(1))?, // APPEND
                b's' => self.fill(height.saturating_sub(2))?, // SETITEM
                b'e' | b'u' => self.fill_from_mark()?, // APPENDS, SETITEMS
                0x94 => self.memoize(self.memo.len())?, // MEMOIZE
                b'q' => self.put(1)?,           // BINPUT
                b'r' => self.put(4)?,           // LONG_BINPUT
                b'h' => self.get(1)?,           // BINGET
                b'j' => self.get(4)?,           // LONG_BINGET
                b'.' => return self.stack.pop().ok_or("it holds nothing".to_owned()), // STOP
                // GLOBAL, STACK_GLOBAL, REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX, BUILD, PERSID, BINPERSID, EXT1 to 4
                b'c' | 0x93 | b'R' | b'i' | b'o' | 0x81 | 0x92 | b'b' | b'P' | b'Q' | 0x82..=0x84 => {
                    return Err("it asks for a class or a function to be called, which is refused".to_owned());
                }
                op => {
                    let what = "is not that of a plain number, text, list or dictionary";
                    return Err(format!("opcode {op:#04x} {what}"));
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

    /// Reads a little-endian unsigned number of at most 8 bytes.
    fn number(&mut self, bytes: usize) -> Step<u64> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// Pushes an integer; only the 4-byte one is signed.
    fn integer(&mut self, bytes: usize) -> Step<()> {
        let number = self.number(bytes)?;
        self.push(if bytes == 4 { (number as u32).cast_signed().into() } else { number.into() })
    }

    /// Pushes a length-prefixed string.
    fn string(&mut self, bytes: usize) -> Step<()> {
        let length = usize::try_from(self.number(bytes)?).unwrap_or(usize::MAX);
        let text =
            std::str::from_utf8(self.take(length)?).map_err(|_| "a text that is not UTF-8")?.to_owned();
        self.push(text.into())
    }

    fn push(&mut self, value: Value) -> Step<()> {
        self.text += value.as_str().map_or(0, str::len);
        if self.text > MAX_TEXT {
            return Err(format!("more than {MAX_TEXT} bytes of text"));
        }
        if self.stack.len() >= MAX_STACK {
            return Err(format!("more than {MAX_STACK} values wait at once"));
        }
        self.stack.push(value);
        Ok(())
    }

    /// Moves the values from `from` on into the list or dictionary below them.
    fn fill(&mut self, from: usize) -> Step<()> {
        let mut values = self.stack.split_off(from).into_iter();
        match self.stack.last_mut() {
            Some(Value::Array(list)) => list.extend(values),
            Some(Value::Object(dictionary)) => {
                while let (Some(key), value) = (values.next(), values.next()) {
                    let key = match key {
                        Value::String(text) => text,
                        Value::Number(number) => number.to_string(),
                        _ => return Err("a key that is neither a text nor a number".to_owned()),
                    };
                    dictionary.insert(key, value.ok_or("a key without a value")?);
                }
            }
            _ => return Err("a list or dictionary is missing".to_owned()),
        }
        Ok(())
    }

    fn fill_from_mark(&mut self) -> Step<()> {
        let mark = self.marks.pop().ok_or("a mark is missing")?;
        self.fill(mark.min(self.stack.len()))
    }

    fn put(&mut self, bytes: usize) -> Step<()> {
        let id = self.number(bytes)?;
        self.memoize(id as usize)
    }

    fn memoize(&mut self, id: usize) -> Step<()> {
        let value = self.stack.last().ok_or("a value is missing")?;
        let scalar = (!value.is_array() && !value.is_object()).then(|| value.clone());
        self.memo.insert(id, scalar);
        Ok(())
    }

    fn get(&mut self, bytes: usize) -> Step<()> {
        let id = self.number(bytes)? as usize;
        match self.memo.get(&id) {
            Some(Some(value)) => self.push(value.clone()),
            Some(None) => Err("a list or dictionary that stands in two places".to_owned()),
            None => Err(format!("value {id} is used before it is there")),
        }
    }
}
