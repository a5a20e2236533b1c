export * from "./error_details_pb.js";
export * from "./status_pb.js";
