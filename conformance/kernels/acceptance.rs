// SPDX-License-Identifier: MIT OR Apache-2.0
//! An application for real kernels, which are no part of this project: built with std for a Hermit
//! target, it is the image that acceptance.toml describes. Its first argument says what to do.
#[cfg(target_os = "hermit")]
use hermit as _;
use std::io::{BufRead, Read, Seek, Write};
use std::{env, fs, io, process, thread, time};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("hello") | None => println!("Hello, world!"),
        Some("args") => {
            for a in &args[1..] {
                println!("argument {a:?}")
            }
        }
        Some("env") => {
            for n in &args[1..] {
                println!("{n}={}", env::var(n).unwrap_or_default())
            }
        }
        Some("exit") => process::exit(args[1].parse().unwrap()),
        Some("panic") => panic!("as asked for"),
        Some("null") => unsafe {
            println!(
                "{}",
                std::ptr::read_volatile(std::hint::black_box(args.len() - 1) as *const u8)
            )
        },
        Some("stdin") => {
            for (n, line) in io::stdin().lock().lines().enumerate() {
                println!("line {n}: {}", line.unwrap())
            }
        }
        Some("files") => files(&args[1]),
        Some("threads") => threads(args[1].parse().unwrap()),
        Some("timers") => timers(),
        Some("memory") => memory(args[1].parse().unwrap()),
        Some(other) => panic!("what is {other}?"),
    }
}

fn files(dir: &str) {
    let (written, old) = (format!("{dir}/written"), format!("{dir}/old"));
    let mut file = fs::File::create(&written).unwrap();
    file.write_all(b"0123456789").unwrap();
    drop(file);
    let mut file = fs::OpenOptions::new().append(true).open(&written).unwrap();
    file.write_all(b"abc").unwrap();
    drop(file);
    let mut file = fs::File::open(&written).unwrap();
    println!("size {}", file.seek(io::SeekFrom::End(0)).unwrap());
    file.seek(io::SeekFrom::Start(4)).unwrap();
    let (mut bytes, mut count) = ([0; 64], 0);
    loop {
        match file.read(&mut bytes[count..]).unwrap() {
            0 => break,
            n => count += n,
        }
    }
    println!("read {}", str::from_utf8(&bytes[..count]).unwrap());
    let large: Vec<u8> = (0..1u32 << 20).map(|n| (n % 251) as u8).collect();
    fs::File::create(format!("{dir}/large"))
        .unwrap()
        .write_all(&large)
        .unwrap();
    let (mut file, mut back) = (
        fs::File::open(format!("{dir}/large")).unwrap(),
        vec![0; large.len()],
    );
    file.read_exact(&mut back).unwrap();
    println!("large {}", back == large);
    fs::remove_file(format!("{dir}/large")).unwrap();
    fs::remove_file(&old).unwrap();
    println!(
        "old {:?}",
        fs::File::open(&old).map(|_| ()).unwrap_err().kind()
    );
}

fn threads(count: usize) {
    println!("parallelism {}", thread::available_parallelism().unwrap());
    let handles: Vec<_> = (0..count)
        .map(|n| {
            thread::spawn(move || {
                let mut sum = 0u64;
                for i in 0..100_000u64 {
                    sum = sum.wrapping_add(std::hint::black_box(i * n as u64));
                    if i % 20_000 == 0 {
                        thread::yield_now();
                    }
                }
                sum
            })
        })
        .collect();
    let mut total = 0u64;
    for h in handles {
        total += h.join().unwrap();
    }
    println!("total {total}");
}

fn timers() {
    for ms in [1u64, 20, 100] {
        let begin = time::Instant::now();
        thread::sleep(time::Duration::from_millis(ms));
        let took = begin.elapsed();
        assert!(took >= time::Duration::from_millis(ms));
        println!("slept {ms} ms");
    }
}

fn memory(mib: usize) {
    let block = vec![0x5au8; mib << 20];
    println!("sum {}", block.iter().map(|b| *b as u64).sum::<u64>());
}
