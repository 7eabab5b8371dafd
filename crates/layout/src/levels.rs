//! Sizes of the resolution levels, and the nearest-neighbour rule between them.

/// The sizes (height, width) of the UNet's resolution levels, the latent's own first: each next side is half the
/// previous one, rounded up, as a convolution of stride 2 and padding 1 gives.
pub fn level_sizes(height: usize, width: usize, levels: usize) -> Vec<(usize, usize)> {
    let half = |&(h, w): &(usize, usize)| Some((h.div_ceil(2), w.div_ceil(2)));
    std::iter::successors(Some((height, width)), half).take(levels).collect()
}

/// The source index of every output index, as `torch.nn.functional.interpolate(mode="nearest")` chooses it:
/// `min(floor(i * (input / output)), input - 1)`, computed in f32, which for some sizes differs from whole numbers.
pub(crate) fn nearest_indices(input: usize, output: usize) -> Vec<usize> {
    let scale = input as f32 / output as f32;
    (0..output).map(|i| ((i as f32 * scale).floor() as usize).min(input - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_halved_and_rounded_up() {
        assert_eq!(level_sizes(64, 64, 4), [(64, 64), (32, 32), (16, 16), (8, 8)]);
        assert_eq!(level_sizes(5, 13, 4), [(5, 13), (3, 7), (2, 4), (1, 2)]);
        assert_eq!(level_sizes(1, 1, 3), [(1, 1); 3]);
    }

    #[test]
    fn source_indices_are_those_of_torch() {
        // torch 2.11: F.interpolate of arange(6) to 74 values takes 2 at 37, where whole numbers give 37 * 6 / 74 = 3.
        assert_eq!(nearest_indices(6, 74)[37], 2);
        assert_eq!(nearest_indices(512, 64), (0..64).map(|i| 8 * i).collect::<Vec<_>>());
        // All pairs of 1 to 130, of which 199 differ from whole numbers: sum = (31 * sum + index) mod 4294967291, by torch.
        let pairs = (1..=130).flat_map(|input| (1..=130).map(move |output| (input, output)));
        let sum = pairs
            .flat_map(|(input, output)| nearest_indices(input, output))
            .fold(0u64, |sum, index| (sum * 31 + index as u64) % 4_294_967_291);
        assert_eq!(sum, 214_451_924);
    }
}
