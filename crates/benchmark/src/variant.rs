//! The method and its baselines and ablations.

use std::str::FromStr;

use layout::Layout;
use request::{Defaults, Generation, GenerationRequest, LayoutRequest, RegionRequest, RequestError};
use serde::Serialize;

use crate::Item;

/// The named variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The plain model: the full prompt alone, no phrase bound to a region, no attention modulated.
    Plain,
    /// Modulated cross-attention alone.
    Cross,
    /// Modulated self-attention alone.
    SelfAttention,
    /// The method.
    Both,
    /// The method without the mask-area adaptive adjustment.
    NoArea,
    /// One constant instead of the value-range-adaptive terms.
    Constant,
}

impl Method {
    /// All, the plain model first.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::Cross, Self::SelfAttention, Self::Both, Self::NoArea, Self::Constant];

    /// The name on the command line and in folders.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Cross => "cross",
            Self::SelfAttention => "self",
            Self::Both => "both",
            Self::NoArea => "no-area",
            Self::Constant => "constant",
        }
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|method| method.name() == name);
        found.ok_or_else(|| format!("not known; use {}", names()))
    }
}

/// The settings that differ between variants. Given the defaults, its name determines all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variant {
    /// Its name, also that of its folder.
    pub name: String,
    /// Is each region's phrase bound to it and encoded by itself?
    pub bound: bool,
    /// w_c, the degree of modulation in cross-attention.
    pub w_cross: f64,
    /// w_s, the degree of modulation in self-attention.
    pub w_self: f64,
    /// The degree of the mask-area adaptive adjustment.
    pub size_adjust: f64,
    /// The fraction of steps that are modulated.
    pub modulated_fraction: f64,
    /// c, if it replaces the value-range-adaptive terms.
    pub constant: Option<f64>,
}

impl Variant {
    /// Creates a named variant from a model's defaults. Only [`Method::Constant`] uses `constant`.
    pub fn new(method: Method, defaults: &Defaults, constant: f64) -> Self {
        let both = Self {
            name: method.name().to_owned(),
            bound: true,
            w_cross: defaults.w_cross,
            w_self: defaults.w_self,
            size_adjust: defaults.size_adjust,
            modulated_fraction: defaults.modulated_fraction,
            constant: None,
        };
        match method {
            Method::Plain => Self { bound: false, w_cross: 0.0, w_self: 0.0, ..both },
            Method::Cross => Self { w_self: 0.0, ..both },
            Method::SelfAttention => Self { w_cross: 0.0, ..both },
            Method::Both => both,
            Method::NoArea => Self { size_adjust: 0.0, ..both },
            Method::Constant => {
                Self { name: format!("constant-{constant}"), constant: Some(constant), ..both }
            }
        }
    }

    /// Returns the request for an item in this variant.
    ///
    /// # Errors
    /// The texts or defaults are not allowed.
    pub fn generation(
        &self,
        item: &Item,
        layout: &Layout,
        defaults: &Defaults,
    ) -> Result<Generation, RequestError> {
        let region = |text: &String| RegionRequest {
            text: if self.bound { text.clone() } else { String::new() },
            ..RegionRequest::default()
        };
        let request = GenerationRequest {
            prompt: Some(item.prompt.clone()),
            samples: Some(1),
            w_cross: Some(self.w_cross),
            w_self: Some(self.w_self),
            size_adjust: Some(self.size_adjust),
            modulated_fraction: Some(self.modulated_fraction),
            constant: self.constant,
            ..GenerationRequest::new(
                LayoutRequest::Runs(layout.into()),
                item.texts.iter().map(region).collect(),
            )
        };
        request.parse(defaults)
    }
}
