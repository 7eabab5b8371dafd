//! Regions, masks, phrase binding and modulation strengths: pure functions for browser and server
