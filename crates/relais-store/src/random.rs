//! The one place that asks the system for randomness.

/// Fills the bytes from the system's generator.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge where randomness enters: keys, nonces and the server's own ids"
)]
#[expect(
    clippy::expect_used,
    reason = "without randomness nothing can be sealed; going on would be worse than stopping"
)]
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system gives randomness");
}

/// An array of random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill(&mut out);
    out
}
