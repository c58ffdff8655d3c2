//! Room for what is answered. A page and a page of a search are longer than what the allocator has at hand: it looks for
//! the room each time, and tidies up when it comes back. So each thread keeps some for its next answer.

use std::cell::RefCell;

use axum::body::Bytes;

/// Most rooms that a thread keeps.
const KEPT: usize = 4;
/// The longest that is kept: one long answer must not be paid for by all that follow.
const LONGEST: usize = 64 * 1024;

thread_local! {
    static ROOMS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Room, empty.
pub(crate) fn take() -> Vec<u8> {
    let kept = ROOMS.try_with(|rooms| rooms.borrow_mut().pop()).ok().flatten();
    kept.unwrap_or_default()
}

/// Room for a text, empty.
pub(crate) fn text() -> String {
    // Nothing is in it that could be no text.
    String::from_utf8(take()).unwrap_or_default()
}

/// Keeps the room for the next one.
pub(crate) fn give(mut room: Vec<u8>) {
    if room.capacity() > LONGEST {
        return;
    }
    room.clear();
    // A thread that ends has its rooms freed already.
    let _ = ROOMS.try_with(|rooms| {
        let mut rooms = rooms.borrow_mut();
        if rooms.len() < KEPT {
            rooms.push(room);
        }
    });
}

/// What is answered, as a body that gives its room back once it is sent.
pub(crate) fn answer(body: Vec<u8>) -> Bytes {
    Bytes::from_owner(Sent(body))
}

struct Sent(Vec<u8>);

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        give(std::mem::take(&mut self.0));
    }
}

/// A part of a page that gives its room back once the page is laid out.
pub(crate) struct Part(String);

impl Part {
    /// What was written into [`text`].
    pub(crate) fn of(text: String) -> Self {
        Self(text)
    }
}

impl std::ops::Deref for Part {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        give(std::mem::take(&mut self.0).into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_empty_and_a_long_one_is_not_kept() {
        let mut room = take();
        room.extend_from_slice(b"yesterday");
        let sent = answer(room);
        assert_eq!(&sent[..], b"yesterday");
        drop(sent);
        let again = take();
        assert!(again.is_empty() && again.capacity() >= 9);
        give(Vec::with_capacity(2 * LONGEST));
        assert!(take().capacity() <= LONGEST);
        drop(Part::of("a".repeat(100)));
        assert!(text().capacity() >= 100);
    }
}
