//! The messages and the one service that the pass-through needs.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const PROTOS: &str = "../../../proto";
    println!("cargo:rerun-if-changed={PROTOS}");
    let descriptors = protox::compile(["smsmux/v1/message_service.proto"], [PROTOS])?;
    tonic_prost_build::configure().generate_default_stubs(true).build_client(false).compile_fds(descriptors)?;
    Ok(())
}
