//! A table of words: which documents hold a word, where, and which words look like it.
//!
//! A document is whatever its caller numbers: a row of the registry, a fact. The table knows
//! nothing of ports and of what makes one answer better than another.

use std::ops::Range;

use hashbrown::HashMap;

/// Where in a document a word stands. The order is that of worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// A remark, a person, a reference.
    Remark,
    /// What the document says.
    Text,
    /// A part of its name.
    Part,
    /// The initials of what it says: `dns` for "Domain Name Server".
    Initials,
    /// Its name.
    Name,
}

impl Field {
    /// What a word is worth that agrees with one here letter for letter.
    const fn worth(self) -> u32 {
        match self {
            Self::Remark => 10,
            Self::Text => 36,
            Self::Part => 48,
            Self::Initials => 64,
            Self::Name => 100,
        }
    }
}

/// How closely a word has to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Letter for letter: as the whole word, its beginning, or a part of a name.
    Literal,
    /// One slip of the finger in four letters or more, two in eight or more.
    Slips,
}

/// Collects documents word by word.
#[derive(Debug, Default)]
pub struct Collector<'a> {
    numbers: HashMap<String, u32>,
    /// For each word its documents with the best field in each, in the documents' order.
    found: Vec<Vec<(u32, Field)>>,
    /// The words of each text; the registry says most things twice, for TCP and for UDP.
    texts: HashMap<&'a str, Range<u32>>,
    read: Vec<(u32, Place)>,
    lower: String,
}

/// Whether a word stands by itself or is one of several that are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Whole,
    Joined,
}

impl<'a> Collector<'a> {
    /// Adds the words of `text`, which stands in `field` of `document`. Documents come in order.
    ///
    /// Words are runs of letters and digits in lower case. Runs that hyphens or underscores join
    /// count by themselves and as one.
    pub fn add(&mut self, document: u32, field: Field, text: &'a str) {
        if text.is_empty() {
            return;
        }
        let range = match self.texts.get(text) {
            Some(range) => range.clone(),
            None => {
                let range = self.read(text);
                self.texts.insert(text, range.clone());
                range
            }
        };
        for at in range {
            let (number, place) = self.read[at as usize];
            let field = match (field, place) {
                (Field::Name, Place::Joined) => Field::Part,
                (field, _) => field,
            };
            let found = &mut self.found[number as usize];
            match found.last_mut() {
                Some((last, best)) if *last == document => *best = field.max(*best),
                _ => found.push((document, field)),
            }
        }
    }

    /// Reads the words of a text for the first time.
    fn read(&mut self, text: &str) -> Range<u32> {
        let first = self.read.len() as u32;
        let joined = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        for run in text.split(|c| !joined(c)) {
            let parts = run.split(['-', '_']).filter(|part| !part.is_empty());
            let several = parts.clone().nth(1).is_some();
            let place = if several { Place::Joined } else { Place::Whole };
            let mut folded = std::mem::take(&mut self.lower);
            folded.clear();
            for part in parts {
                let start = folded.len();
                if part.is_ascii() {
                    folded.push_str(part);
                    folded[start..].make_ascii_lowercase();
                } else {
                    folded.push_str(&part.to_lowercase());
                }
                let number = self.number(&folded[start..]);
                self.read.push((number, place));
            }
            if several {
                let number = self.number(&folded);
                self.read.push((number, Place::Whole));
            }
            self.lower = folded;
        }
        first..self.read.len() as u32
    }

    fn number(&mut self, word: &str) -> u32 {
        let next = self.found.len() as u32;
        let number = *self.numbers.entry_ref(word).or_insert(next);
        if number == next {
            self.found.push(Vec::new());
        }
        number
    }

    /// Adds the initials of a text of two to six words, without what stands in brackets.
    pub fn add_initials(&mut self, document: u32, text: &str) {
        let title = text.split(['(', ',', ';']).next().unwrap_or_default();
        let words = title.split(|c: char| !c.is_alphanumeric());
        let initials: String = words
            .filter_map(|word| word.chars().next())
            .flat_map(char::to_lowercase)
            .collect();
        if (2..=6).contains(&initials.len()) {
            let number = self.number(&initials);
            let found = &mut self.found[number as usize];
            if found.last().is_none_or(|(last, _)| *last != document) {
                found.push((document, Field::Initials));
            }
        }
    }

    /// Sorts what was collected.
    #[must_use]
    pub fn finish(self) -> Words {
        let mut words: Vec<(String, u32)> = self.numbers.into_iter().collect();
        words.sort_unstable();
        let mut table = Words::default();
        for (text, number) in words {
            let documents = &self.found[number as usize];
            let start = table.text.len();
            table.text.push_str(&text);
            let end = table.text.len();
            table.text.push('\n');
            let first = table.found.len();
            table.found.extend_from_slice(documents);
            let best = documents.iter().map(|(_, field)| *field).max();
            table.words.push(Word {
                text: start as u32..end as u32,
                found: first as u32..table.found.len() as u32,
                letters: letters(&text),
                best: best.unwrap_or(Field::Remark),
            });
        }
        table
    }
}

#[derive(Clone, Debug)]
struct Word {
    text: Range<u32>,
    found: Range<u32>,
    letters: u64,
    best: Field,
}

/// A finished table. Shape: words in order; their text once, a line each.
#[derive(Clone, Debug, Default)]
pub struct Words {
    words: Vec<Word>,
    text: String,
    found: Vec<(u32, Field)>,
}

impl Words {
    /// The documents that hold a word letter for letter, and where.
    #[must_use]
    pub fn holding(&self, word: &str) -> &[(u32, Field)] {
        let at = self.words.partition_point(|w| self.text_of(w) < word);
        match self.words.get(at) {
            Some(own) if self.text_of(own) == word => self.found_of(own),
            _ => &[],
        }
    }

    /// Tells `fits` of every document that `word` fits, with what that is worth. A document may
    /// be told of several times.
    ///
    /// Cost: a binary search, a scan over the table's text for parts of names, and for slips one
    /// comparison of bits for every word.
    pub fn fit(&self, word: &str, agreement: Agreement, fits: &mut dyn FnMut(u32, u32)) {
        match agreement {
            Agreement::Literal => self.fit_literally(word, fits),
            Agreement::Slips => self.fit_with_slips(word, fits),
        }
    }

    fn fit_literally(&self, word: &str, fits: &mut dyn FnMut(u32, u32)) {
        let start = self.words.partition_point(|w| self.text_of(w) < word);
        let mut end = start;
        for own in &self.words[start..] {
            let text = self.text_of(own);
            if !text.starts_with(word) {
                break;
            }
            end += 1;
            for (document, field) in self.found_of(own) {
                let whole = text.len() == word.len();
                if whole || *field != Field::Initials {
                    let worth = field.worth();
                    fits(*document, if whole { worth } else { worth * 3 / 5 });
                }
            }
        }
        // Two letters are inside of half of all names.
        if word.len() < 3 {
            return;
        }
        for at in memchr::memmem::find_iter(self.text.as_bytes(), word.as_bytes()) {
            let number = self.words.partition_point(|w| w.text.end as usize <= at);
            if (start..end).contains(&number) {
                continue;
            }
            let names = self.found_of(&self.words[number]).iter();
            for (document, field) in names.filter(|(_, field)| *field == Field::Name) {
                fits(*document, field.worth() * 2 / 5);
            }
        }
    }

    /// A slip in a remark finds strangers, so that only names and texts are looked at.
    fn fit_with_slips(&self, word: &str, fits: &mut dyn FnMut(u32, u32)) {
        let length = word.chars().count();
        let allowed: u32 = match length {
            0..=3 => return,
            4..=7 => 1,
            _ => 2,
        };
        let wanted = letters(word);
        for own in self.words.iter().filter(|own| own.best > Field::Remark) {
            // Every slip brings at most one letter and takes at most one.
            if (wanted & !own.letters).count_ones() > allowed {
                continue;
            }
            let text = self.text_of(own);
            let surplus = (own.letters & !wanted).count_ones() > allowed;
            let whole = !surplus && text.chars().count().abs_diff(length) <= allowed as usize;
            let slips = whole
                .then(|| strsim::osa_distance(word, text))
                .filter(|slips| *slips <= allowed as usize);
            let part = match slips {
                Some(slips) => 7 - 2 * slips.min(2) as u32,
                None if begins_nearly(word, length, text) => 4,
                None => continue,
            };
            for (document, field) in self.found_of(own) {
                if !matches!(field, Field::Remark | Field::Initials) {
                    fits(*document, field.worth() * part / 10);
                }
            }
        }
    }

    fn text_of(&self, word: &Word) -> &str {
        &self.text[word.text.start as usize..word.text.end as usize]
    }

    fn found_of(&self, word: &Word) -> &[(u32, Field)] {
        &self.found[word.found.start as usize..word.found.end as usize]
    }
}

/// Whether a longer text begins with the word but for one slip.
fn begins_nearly(word: &str, length: usize, text: &str) -> bool {
    if length < 5 {
        return false;
    }
    let end = text.char_indices().nth(length).map(|(at, _)| at);
    end.is_some_and(|end| strsim::osa_distance(word, &text[..end]) <= 1)
}

/// A bit for each letter or digit that the word holds; all others share one.
fn letters(word: &str) -> u64 {
    word.bytes().fold(0, |bits, byte| {
        let bit = match byte {
            b'a'..=b'z' => byte - b'a',
            b'0'..=b'9' => 26 + byte - b'0',
            _ => 36,
        };
        bits | 1 << bit
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitting(words: &Words, word: &str, agreement: Agreement) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        words.fit(word, agreement, &mut |document, worth| {
            found.push((document, worth));
        });
        found
    }

    #[test]
    fn names_parts_texts_and_slips() {
        let mut collector = Collector::default();
        collector.add(0, Field::Name, "http-alt");
        collector.add(0, Field::Text, "HTTP Alternate (see port 80)");
        collector.add(1, Field::Name, "postgresql");
        let words = collector.finish();
        use Agreement::{Literal, Slips};
        assert_eq!(fitting(&words, "httpalt", Literal), [(0, 100)]);
        assert_eq!(fitting(&words, "http", Literal), [(0, 48), (0, 60)]);
        assert_eq!(fitting(&words, "alternate", Literal), [(0, 36)]);
        assert_eq!(fitting(&words, "gres", Literal), [(1, 40)]);
        assert_eq!(fitting(&words, "postgersql", Slips), [(1, 50)]);
        assert_eq!(fitting(&words, "postgers", Slips), [(1, 40)]);
        assert_eq!(fitting(&words, "xyz", Slips), []);
        assert_eq!(words.holding("http"), [(0, Field::Part)]);
    }
}
