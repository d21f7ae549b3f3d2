//! What the fuzz targets of `fuzz/` need from inside; it is there with `--cfg fuzzing` only.

use crate::wire::Decoder;

/// The bodies of the frames in a stream that comes in pieces of so many bytes, until there are no more frames or until
/// what comes is none.
pub fn bodies(stream: &[u8], piece: usize) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::default();
    let mut bodies = Vec::new();
    for piece in stream.chunks(piece.max(1)) {
        decoder.buffer().extend_from_slice(piece);
        loop {
            match decoder.next() {
                Ok(Some(frame)) => bodies.push(frame.body.to_vec()),
                Ok(None) => break,
                Err(_) => return bodies,
            }
        }
    }
    bodies
}
