//! Compiles the protos without protoc.

use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let mut protos =
        fs::read_dir("proto/smsmux/v1")?.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<PathBuf>, _>>()?;
    protos.sort();
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true).open_files(&protos)?;
    // The protos' comments have words in brackets and no code.
    tonic_prost_build::configure().build_server(false).compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
