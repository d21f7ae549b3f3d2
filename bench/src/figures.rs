//! Numbers and how they are shown.

use std::fmt;

/// A figure that was measured several times.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spread {
    /// The one in the middle.
    pub(crate) median: f64,
    /// What it is above, or at.
    pub(crate) min: f64,
    /// What it is below, or at.
    pub(crate) max: f64,
}

impl Spread {
    /// Of all figures.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        Self::without(figures, |_| 0)
    }

    /// Of the middle half of the figures: what is far off on either side says nothing.
    pub(crate) fn middle(figures: impl IntoIterator<Item = f64>) -> Self {
        Self::without(figures, |count| count / 4)
    }

    fn without(figures: impl IntoIterator<Item = f64>, left_out: impl FnOnce(usize) -> usize) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let left_out = left_out(figures.len());
        let figures = &figures[left_out..figures.len() - left_out];
        let (Some(&min), Some(&max)) = (figures.first(), figures.last()) else { return Self::default() };
        let upper = figures.len() / 2;
        let lower = (figures.len() - 1) / 2;
        Self { median: f64::midpoint(figures[lower], figures[upper]), min, max }
    }

    /// As text with this many decimals.
    pub(crate) fn show(&self, decimals: usize) -> String {
        if self.min.to_bits() == self.max.to_bits() {
            return number(self.median, decimals);
        }
        format!(
            "{} ({}..{})",
            number(self.median, decimals),
            number(self.min, decimals),
            number(self.max, decimals)
        )
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show(2))
    }
}

/// A number with its thousands apart.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut shown = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + rest
}

/// [`number`] of something that is counted.
pub(crate) fn count(value: usize) -> String {
    number(float(value), 0)
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}

/// How long things took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    /// In nanoseconds; whoever waits for four seconds waited for ever.
    nanoseconds: Vec<u32>,
    sorted: bool,
}

impl Times {
    /// Adds one.
    pub(crate) fn add(&mut self, time: std::time::Duration) {
        self.nanoseconds.push(u32::try_from(time.as_nanos()).unwrap_or(u32::MAX));
        self.sorted = false;
    }

    /// Adds all of others.
    pub(crate) fn append(&mut self, others: &Self) {
        self.nanoseconds.extend_from_slice(&others.nanoseconds);
        self.sorted = false;
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.nanoseconds.len()
    }

    /// What this share of them (0 to 1) stays below, in milliseconds.
    pub(crate) fn below(&mut self, share: f64) -> f64 {
        if !self.sorted {
            self.nanoseconds.sort_unstable();
            self.sorted = true;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in the list, which is rounded up"
        )]
        let place = (float(self.nanoseconds.len()) * share).ceil() as usize;
        let time = self.nanoseconds.get(place.saturating_sub(1)).or(self.nanoseconds.last());
        f64::from(time.copied().unwrap_or_default()) / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!(number(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(number(999.0, 0), "999");
        assert_eq!(number(-1000.0, 0), "-1,000");
        assert_eq!(Spread::of([3.0, 1.0, 2.0]).show(0), "2 (1..3)");
        assert_eq!(Spread::of([1.0, 2.0]).show(1), "1.5 (1.0..2.0)");
        assert_eq!(Spread::middle([9.0, 2.0, 0.0, 3.0]).show(1), "2.5 (2.0..3.0)");
        assert_eq!(Spread::middle([]).show(1), "0.0");
    }

    #[test]
    fn shares_of_times() {
        let mut times = Times::default();
        (1..=1000).rev().for_each(|ms| times.add(Duration::from_millis(ms)));
        assert_eq!([0.5, 0.99, 0.999, 1.0].map(|share| times.below(share)), [500.0, 990.0, 999.0, 1000.0]);
        assert_eq!(Times::default().below(0.5).to_bits(), 0.0_f64.to_bits());
    }
}
