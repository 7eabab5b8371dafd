//! What the committed fatbin holds: every kernel for every processor, with the parameter and the shared memory that the
//! launch counts on, built from today's sources.

use std::io::Read;

use attention::cuda::FATBIN;
use attention::cuda::launch::{HEAD_SIZES, Kind, Problem, kernel_name};
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection};
use sha2::{Digest, Sha256};

/// Shared memory that a block may have without asking the driver for more.
const SHARED_MEMORY: u64 = 48 << 10;
/// What the system takes of it on Hopper.
const SYSTEMS: u64 = 1 << 10;

/// One image of the fatbin.
struct Image {
    is_elf: bool,
    processor: u32,
    bytes: Vec<u8>,
}

fn number<const N: usize>(at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes[..N].copy_from_slice(&FATBIN[at..at + N]);
    u64::from_le_bytes(bytes)
}

/// The images. A header of 16 bytes (magic, version, header's and content's size), then per image a header and content:
/// kind at 0 (1 PTX, 2 ELF), header's size at 4, content's padded size at 8 and real size at 16, processor at 28, flags at
/// 40 (0x8000: compressed by zstd).
fn images() -> Vec<Image> {
    assert_eq!(number::<4>(0), 0xBA55_ED50, "the mark of a fatbin");
    let mut at = number::<2>(6) as usize;
    assert_eq!(at + number::<8>(8) as usize, FATBIN.len(), "the fatbin's size");
    let mut images = Vec::new();
    while at < FATBIN.len() {
        let start = at + number::<4>(at + 4) as usize;
        let content = &FATBIN[start..start + number::<4>(at + 16) as usize];
        assert_ne!(number::<8>(at + 40) & 0x8000, 0, "compressed by zstd");
        let mut bytes = Vec::new();
        let mut decoder = ruzstd::decoding::StreamingDecoder::new(content).expect("zstd");
        decoder.read_to_end(&mut bytes).expect("zstd");
        let (is_elf, processor) = (number::<2>(at) == 2, number::<4>(at + 28) as u32);
        images.push(Image { is_elf, processor, bytes });
        at = start + number::<8>(at + 8) as usize;
    }
    images
}

fn kernels() -> impl Iterator<Item = (Kind, String)> {
    let names = |kind| HEAD_SIZES.map(|size| (kind, kernel_name(kind, size).into_string().expect("ASCII")));
    Kind::ALL.into_iter().flat_map(names)
}

/// The bytes of a kernel's parameters, from its `.nv.info`: of entries of 4 bytes (form, attribute, value), the one with
/// attribute 0x19; form 4 is followed by as many bytes as the value says.
fn parameter_size(info: &[u8]) -> Option<u16> {
    let mut rest = info;
    while let [form, attribute, low, high, tail @ ..] = rest {
        let value = u16::from_le_bytes([*low, *high]);
        if *attribute == 0x19 {
            return Some(value);
        }
        rest = if *form == 4 { tail.get(usize::from(value)..)? } else { tail };
    }
    None
}

#[test]
fn there_is_code_from_turing_to_hopper_and_ptx_for_what_comes_later() {
    let images = images();
    let mut code: Vec<u32> =
        images.iter().filter(|image| image.is_elf).map(|image| image.processor).collect();
    code.sort_unstable();
    assert_eq!(code, [75, 80, 86, 90]);
    let ptx: Vec<u32> = images.iter().filter(|image| !image.is_elf).map(|image| image.processor).collect();
    assert_eq!(ptx, [90]);
}

#[test]
fn every_kernel_is_there_for_every_processor_with_the_parameter_of_the_launch() {
    for image in images().into_iter().filter(|image| image.is_elf) {
        let elf = ElfFile64::<object::Endianness>::parse(&*image.bytes).expect("ELF");
        for (kind, name) in kernels() {
            let what = format!("{name} for sm_{}", image.processor);
            let section = |kind: &str| elf.section_by_name(&format!(".{kind}.{name}"));
            let code = section("text").unwrap_or_else(|| panic!("{what}: no code"));
            assert!(code.size() > 0, "{what}: no code");
            let info = section("nv.info").unwrap_or_else(|| panic!("{what}: no .nv.info"));
            let size = parameter_size(info.data().expect("data"));
            assert_eq!(size.map(usize::from), Some(size_of::<Problem>()), "{what}: its parameter");
            // Their own, beside what the launch gives them; on Hopper the system has a part of it.
            let shared = section("nv.shared").map_or(0, |section| section.size());
            assert_eq!(shared > SYSTEMS, kind == Kind::F32, "{what}: {shared} bytes of shared memory");
            assert!(shared <= SHARED_MEMORY, "{what}: {shared} bytes of shared memory");
        }
    }
}

#[test]
fn a_launch_asks_for_no_more_shared_memory_than_its_cards_have() {
    for head_size in HEAD_SIZES {
        assert!(Kind::F16.shared_memory(head_size) as u64 <= SHARED_MEMORY, "{head_size}");
        // Two blocks of an H100, of whose 228 KiB the system takes 1 for each.
        let together = Kind::F16Together.shared_memory(head_size) as u64;
        assert!(together <= (114 << 10) - SYSTEMS, "{head_size}");
    }
}

#[test]
fn the_ptx_has_every_kernel() {
    for image in images().into_iter().filter(|image| !image.is_elf) {
        let text = String::from_utf8_lossy(&image.bytes);
        for (_, name) in kernels() {
            assert!(text.contains(&format!(".entry {name}(")), "{name}");
        }
    }
}

#[test]
fn the_fatbin_was_built_from_todays_sources() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels");
    let built_from = std::fs::read_to_string(folder.join("modulated_attention.sources")).expect("the list");
    let mut listed = 0;
    for line in built_from.lines() {
        let (hash, name) = line.split_once("  ").expect("a hash and a name");
        let source = std::fs::read(folder.join(name)).expect(name);
        let today: String = Sha256::digest(source).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(today, hash, "{name} has changed: run crates/attention/kernels/build.sh");
        listed += 1;
    }
    assert_eq!(listed, 8, "{built_from}");
}
