//! Numbers: literals, flags by name, limits, counts that a step gave back, and sums of them.

use rtm_sim::program::operand::{Bound, Number};
use rtm_sim::vocabulary::constants::{
    BlockingFlag, EnumFlags, MatchFlags, NUMBERS, Named, NextHopChangeFlags, NextHopFlags,
    NotifyFlags, RouteChangeFlags, RouteFlags, ViewSet,
};
use rtm_sim::vocabulary::observation::Member;
use toml::de::DeValue;

use super::{Want, profile};
use crate::checker::{Checker, Span, Value};
use crate::code::Code;
use crate::diagnostic::shown;

/// What a number is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberRule {
    /// The most bits it can have.
    pub(crate) bits: u8,
    /// Flags and other words that mean something here.
    pub(crate) words: &'static [Named],
    /// Whether `true` and `false` are numbers here.
    pub(crate) truth: bool,
    /// Whether it must be known before anything runs.
    pub(crate) known: bool,
}

impl NumberRule {
    /// A number without words of its own.
    pub(crate) const fn plain(bits: u8) -> NumberRule {
        NumberRule { bits, words: &[], truth: false, known: false }
    }

    /// The largest value.
    pub(crate) fn most(self) -> u64 {
        u64::MAX >> (64 - u32::from(self.bits.clamp(1, 64)))
    }
}

/// Limits of the profile that stand for numbers, and where they are found.
pub(crate) const LIMITS: &[(&str, Member)] = &[
    ("max-handles", Member::MaxHandlesInEnum),
    ("max-next-hops", Member::MaxNextHopsInRoute),
    ("views-supported", Member::ViewsSupported),
    ("number-of-views", Member::NumberOfViews),
];

/// All flags of the interface, to tell a misplaced one from an unknown one.
pub(crate) const FLAGS: &[&[Named]] = &[
    EnumFlags::NAMES,
    MatchFlags::NAMES,
    RouteChangeFlags::NAMES,
    NextHopChangeFlags::NAMES,
    RouteFlags::NAMES,
    NextHopFlags::NAMES,
    ViewSet::NAMES,
    NotifyFlags::NAMES,
    BlockingFlag::NAMES,
];

impl Checker {
    /// A number operand.
    pub(crate) fn number(&mut self, value: &Value, rule: NumberRule) -> Number {
        let literal = |number: Option<u64>| Number::Literal(number.unwrap_or(0) as u32);
        match value.get_ref() {
            DeValue::Integer(_) => literal(self.integer(value, 0, rule.most())),
            DeValue::Boolean(truth) if rule.truth => Number::Literal(u32::from(*truth)),
            DeValue::String(text) => {
                let text = self.turned(text, value.span());
                self.sum(&text, value.span(), rule)
            }
            DeValue::Array(items) => {
                let flags = items.iter().map(|item| self.flag(item, rule));
                let all = flags.fold(0, |all, flag| all | flag);
                literal(self.within(all.into(), value.span(), 0, rule.most()))
            }
            _ => {
                self.wrong_type(value, "a number, or the names of flags,");
                Number::Literal(0)
            }
        }
    }

    /// A number that is known now.
    pub(crate) fn literal(&mut self, value: &Value, rule: NumberRule) -> u64 {
        if rule.bits == 64 && value.get_ref().is_integer() {
            return self.integer(value, 0, u64::MAX).unwrap_or(0);
        }
        match self.number(value, NumberRule { known: true, ..rule }) {
            Number::Literal(number) => number.into(),
            Number::Bound { .. } => 0,
        }
    }

    /// One flag of a set.
    fn flag(&mut self, item: &Value, rule: NumberRule) -> u64 {
        match item.get_ref() {
            DeValue::Integer(_) => self.integer(item, 0, rule.most()).unwrap_or(0),
            DeValue::String(text) => {
                let text = self.turned(text, item.span());
                let word = self.word(&text, rule);
                if word.is_none() {
                    self.unknown_word(&text, item.span(), rule);
                }
                word.unwrap_or(0).into()
            }
            _ => {
                self.wrong_type(item, "the name of a flag");
                0
            }
        }
    }

    /// A named number.
    fn word(&self, text: &str, rule: NumberRule) -> Option<u32> {
        let mut known = rule.words.iter().chain(NUMBERS);
        known.find(|(name, _)| *name == text).map(|(_, number)| *number)
    }

    /// `term`, `term + 1`, `term - 1`.
    fn sum(&mut self, text: &str, span: Span, rule: NumberRule) -> Number {
        let mut tokens = text.split_ascii_whitespace();
        let first = tokens.next().unwrap_or_default();
        let mut plus: i128 = 0;
        while let Some(sign) = tokens.next() {
            let term = tokens.next().and_then(|t| t.parse::<u32>().ok()).map(i128::from);
            plus = match (sign, term) {
                ("+", Some(term)) => plus + term,
                ("-", Some(term)) => plus - term,
                _ => {
                    let message = format!("`{}` is no sum", shown(text, 80));
                    let help = "a sum is `max-handles + 1`, with blanks around the sign";
                    self.wrong_help(Code::UnknownWord, span, message, help);
                    return Number::Literal(0);
                }
            };
        }
        let known = first.parse::<u64>().ok().map(i128::from);
        let known = known.or_else(|| self.word(first, rule).map(i128::from));
        if let Some(number) = known {
            let sum = self.within(number + plus, span, 0, rule.most().min(u32::MAX.into()));
            return Number::Literal(sum.unwrap_or(0) as u32);
        }
        let plus = plus as i64;
        let limit = LIMITS.iter().find(|(name, _)| *name == first);
        let is_path = first.contains('.') || self.labels.find(first, self.here.home).is_some();
        if rule.known && (limit.is_some() || is_path) {
            let message = "what a step gives back cannot stand here";
            self.wrong_help(Code::WrongPart, span, message, "write the number itself");
            return Number::Literal(0);
        }
        if let Some((_, member)) = limit {
            return self.limit(*member, plus, span);
        }
        if is_path {
            let target = self.target(first, span, Want::Number);
            return target.map_or(Number::Literal(0), |t| Number::Bound { bound: t.bound, plus });
        }
        self.unknown_word(first, span, rule);
        Number::Literal(0)
    }

    /// A limit of the profile of the client that acts.
    pub(crate) fn limit(&mut self, member: Member, plus: i64, span: Span) -> Number {
        let name = self.client().name.clone();
        match self.label(&name, span) {
            Some(label) => Number::Bound { bound: Bound { label, place: profile(member) }, plus },
            None => Number::Literal(0),
        }
    }

    fn unknown_word(&mut self, word: &str, span: Span, rule: NumberRule) {
        let elsewhere = FLAGS.iter().any(|set| set.iter().any(|(name, _)| *name == word));
        let own: Vec<&str> = rule.words.iter().map(|(name, _)| *name).collect();
        let message = match elsewhere {
            true => format!("`{word}` means nothing here"),
            false => format!("`{}` is no number", shown(word, 80)),
        };
        let numbers = NUMBERS.iter().chain(rule.words).map(|(name, _)| *name);
        let known = numbers.chain(LIMITS.iter().map(|(name, _)| *name));
        let near = self.nearest(word, known).filter(|_| !elsewhere);
        let help = match (near, own.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, true) => {
                String::from("write a number, a limit such as `max-handles`, or `n.NumRoutes`")
            }
            (None, false) => format!("it takes {}", crate::checker::listed(&own)),
        };
        self.wrong_help(Code::UnknownWord, span, message, help);
    }
}
