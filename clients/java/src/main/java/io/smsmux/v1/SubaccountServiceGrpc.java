package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Accounts below this one at the vendor, and the credits that they share. The account must be a superaccount there.
 * Where a name ends in a subaccount's id, smSend takes its login too for credits and purchases.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SubaccountServiceGrpc {

  private SubaccountServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.SubaccountService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ListSubaccountsRequest,
      io.smsmux.v1.ListSubaccountsResponse> getListSubaccountsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSubaccounts",
      requestType = io.smsmux.v1.ListSubaccountsRequest.class,
      responseType = io.smsmux.v1.ListSubaccountsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ListSubaccountsRequest,
      io.smsmux.v1.ListSubaccountsResponse> getListSubaccountsMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ListSubaccountsRequest, io.smsmux.v1.ListSubaccountsResponse> getListSubaccountsMethod;
    if ((getListSubaccountsMethod = SubaccountServiceGrpc.getListSubaccountsMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getListSubaccountsMethod = SubaccountServiceGrpc.getListSubaccountsMethod) == null) {
          SubaccountServiceGrpc.getListSubaccountsMethod = getListSubaccountsMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ListSubaccountsRequest, io.smsmux.v1.ListSubaccountsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSubaccounts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListSubaccountsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListSubaccountsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("ListSubaccounts"))
              .build();
        }
      }
    }
    return getListSubaccountsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreateSubaccountRequest,
      io.smsmux.v1.CreateSubaccountResponse> getCreateSubaccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSubaccount",
      requestType = io.smsmux.v1.CreateSubaccountRequest.class,
      responseType = io.smsmux.v1.CreateSubaccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreateSubaccountRequest,
      io.smsmux.v1.CreateSubaccountResponse> getCreateSubaccountMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreateSubaccountRequest, io.smsmux.v1.CreateSubaccountResponse> getCreateSubaccountMethod;
    if ((getCreateSubaccountMethod = SubaccountServiceGrpc.getCreateSubaccountMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getCreateSubaccountMethod = SubaccountServiceGrpc.getCreateSubaccountMethod) == null) {
          SubaccountServiceGrpc.getCreateSubaccountMethod = getCreateSubaccountMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreateSubaccountRequest, io.smsmux.v1.CreateSubaccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSubaccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateSubaccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateSubaccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("CreateSubaccount"))
              .build();
        }
      }
    }
    return getCreateSubaccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.UpdateSubaccountRequest,
      io.smsmux.v1.UpdateSubaccountResponse> getUpdateSubaccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateSubaccount",
      requestType = io.smsmux.v1.UpdateSubaccountRequest.class,
      responseType = io.smsmux.v1.UpdateSubaccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.UpdateSubaccountRequest,
      io.smsmux.v1.UpdateSubaccountResponse> getUpdateSubaccountMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.UpdateSubaccountRequest, io.smsmux.v1.UpdateSubaccountResponse> getUpdateSubaccountMethod;
    if ((getUpdateSubaccountMethod = SubaccountServiceGrpc.getUpdateSubaccountMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getUpdateSubaccountMethod = SubaccountServiceGrpc.getUpdateSubaccountMethod) == null) {
          SubaccountServiceGrpc.getUpdateSubaccountMethod = getUpdateSubaccountMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.UpdateSubaccountRequest, io.smsmux.v1.UpdateSubaccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateSubaccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.UpdateSubaccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.UpdateSubaccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("UpdateSubaccount"))
              .build();
        }
      }
    }
    return getUpdateSubaccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ChangeSubaccountPasswordRequest,
      io.smsmux.v1.ChangeSubaccountPasswordResponse> getChangeSubaccountPasswordMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ChangeSubaccountPassword",
      requestType = io.smsmux.v1.ChangeSubaccountPasswordRequest.class,
      responseType = io.smsmux.v1.ChangeSubaccountPasswordResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ChangeSubaccountPasswordRequest,
      io.smsmux.v1.ChangeSubaccountPasswordResponse> getChangeSubaccountPasswordMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ChangeSubaccountPasswordRequest, io.smsmux.v1.ChangeSubaccountPasswordResponse> getChangeSubaccountPasswordMethod;
    if ((getChangeSubaccountPasswordMethod = SubaccountServiceGrpc.getChangeSubaccountPasswordMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getChangeSubaccountPasswordMethod = SubaccountServiceGrpc.getChangeSubaccountPasswordMethod) == null) {
          SubaccountServiceGrpc.getChangeSubaccountPasswordMethod = getChangeSubaccountPasswordMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ChangeSubaccountPasswordRequest, io.smsmux.v1.ChangeSubaccountPasswordResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ChangeSubaccountPassword"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ChangeSubaccountPasswordRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ChangeSubaccountPasswordResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("ChangeSubaccountPassword"))
              .build();
        }
      }
    }
    return getChangeSubaccountPasswordMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetSubaccountRequest,
      io.smsmux.v1.GetSubaccountResponse> getGetSubaccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSubaccount",
      requestType = io.smsmux.v1.GetSubaccountRequest.class,
      responseType = io.smsmux.v1.GetSubaccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetSubaccountRequest,
      io.smsmux.v1.GetSubaccountResponse> getGetSubaccountMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetSubaccountRequest, io.smsmux.v1.GetSubaccountResponse> getGetSubaccountMethod;
    if ((getGetSubaccountMethod = SubaccountServiceGrpc.getGetSubaccountMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getGetSubaccountMethod = SubaccountServiceGrpc.getGetSubaccountMethod) == null) {
          SubaccountServiceGrpc.getGetSubaccountMethod = getGetSubaccountMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetSubaccountRequest, io.smsmux.v1.GetSubaccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSubaccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetSubaccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetSubaccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("GetSubaccount"))
              .build();
        }
      }
    }
    return getGetSubaccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.TransferCreditsRequest,
      io.smsmux.v1.TransferCreditsResponse> getTransferCreditsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "TransferCredits",
      requestType = io.smsmux.v1.TransferCreditsRequest.class,
      responseType = io.smsmux.v1.TransferCreditsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.TransferCreditsRequest,
      io.smsmux.v1.TransferCreditsResponse> getTransferCreditsMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.TransferCreditsRequest, io.smsmux.v1.TransferCreditsResponse> getTransferCreditsMethod;
    if ((getTransferCreditsMethod = SubaccountServiceGrpc.getTransferCreditsMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getTransferCreditsMethod = SubaccountServiceGrpc.getTransferCreditsMethod) == null) {
          SubaccountServiceGrpc.getTransferCreditsMethod = getTransferCreditsMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.TransferCreditsRequest, io.smsmux.v1.TransferCreditsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "TransferCredits"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.TransferCreditsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.TransferCreditsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("TransferCredits"))
              .build();
        }
      }
    }
    return getTransferCreditsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetSubaccountCreditsRequest,
      io.smsmux.v1.GetSubaccountCreditsResponse> getGetSubaccountCreditsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSubaccountCredits",
      requestType = io.smsmux.v1.GetSubaccountCreditsRequest.class,
      responseType = io.smsmux.v1.GetSubaccountCreditsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetSubaccountCreditsRequest,
      io.smsmux.v1.GetSubaccountCreditsResponse> getGetSubaccountCreditsMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetSubaccountCreditsRequest, io.smsmux.v1.GetSubaccountCreditsResponse> getGetSubaccountCreditsMethod;
    if ((getGetSubaccountCreditsMethod = SubaccountServiceGrpc.getGetSubaccountCreditsMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getGetSubaccountCreditsMethod = SubaccountServiceGrpc.getGetSubaccountCreditsMethod) == null) {
          SubaccountServiceGrpc.getGetSubaccountCreditsMethod = getGetSubaccountCreditsMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetSubaccountCreditsRequest, io.smsmux.v1.GetSubaccountCreditsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSubaccountCredits"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetSubaccountCreditsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetSubaccountCreditsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("GetSubaccountCredits"))
              .build();
        }
      }
    }
    return getGetSubaccountCreditsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ListPurchasesRequest,
      io.smsmux.v1.ListPurchasesResponse> getListPurchasesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListPurchases",
      requestType = io.smsmux.v1.ListPurchasesRequest.class,
      responseType = io.smsmux.v1.ListPurchasesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ListPurchasesRequest,
      io.smsmux.v1.ListPurchasesResponse> getListPurchasesMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ListPurchasesRequest, io.smsmux.v1.ListPurchasesResponse> getListPurchasesMethod;
    if ((getListPurchasesMethod = SubaccountServiceGrpc.getListPurchasesMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getListPurchasesMethod = SubaccountServiceGrpc.getListPurchasesMethod) == null) {
          SubaccountServiceGrpc.getListPurchasesMethod = getListPurchasesMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ListPurchasesRequest, io.smsmux.v1.ListPurchasesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListPurchases"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListPurchasesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListPurchasesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("ListPurchases"))
              .build();
        }
      }
    }
    return getListPurchasesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreatePurchasesRequest,
      io.smsmux.v1.CreatePurchasesResponse> getCreatePurchasesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreatePurchases",
      requestType = io.smsmux.v1.CreatePurchasesRequest.class,
      responseType = io.smsmux.v1.CreatePurchasesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreatePurchasesRequest,
      io.smsmux.v1.CreatePurchasesResponse> getCreatePurchasesMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreatePurchasesRequest, io.smsmux.v1.CreatePurchasesResponse> getCreatePurchasesMethod;
    if ((getCreatePurchasesMethod = SubaccountServiceGrpc.getCreatePurchasesMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getCreatePurchasesMethod = SubaccountServiceGrpc.getCreatePurchasesMethod) == null) {
          SubaccountServiceGrpc.getCreatePurchasesMethod = getCreatePurchasesMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreatePurchasesRequest, io.smsmux.v1.CreatePurchasesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreatePurchases"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreatePurchasesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreatePurchasesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("CreatePurchases"))
              .build();
        }
      }
    }
    return getCreatePurchasesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.DeletePurchaseRequest,
      io.smsmux.v1.DeletePurchaseResponse> getDeletePurchaseMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeletePurchase",
      requestType = io.smsmux.v1.DeletePurchaseRequest.class,
      responseType = io.smsmux.v1.DeletePurchaseResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.DeletePurchaseRequest,
      io.smsmux.v1.DeletePurchaseResponse> getDeletePurchaseMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.DeletePurchaseRequest, io.smsmux.v1.DeletePurchaseResponse> getDeletePurchaseMethod;
    if ((getDeletePurchaseMethod = SubaccountServiceGrpc.getDeletePurchaseMethod) == null) {
      synchronized (SubaccountServiceGrpc.class) {
        if ((getDeletePurchaseMethod = SubaccountServiceGrpc.getDeletePurchaseMethod) == null) {
          SubaccountServiceGrpc.getDeletePurchaseMethod = getDeletePurchaseMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.DeletePurchaseRequest, io.smsmux.v1.DeletePurchaseResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeletePurchase"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.DeletePurchaseRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.DeletePurchaseResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SubaccountServiceMethodDescriptorSupplier("DeletePurchase"))
              .build();
        }
      }
    }
    return getDeletePurchaseMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SubaccountServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubaccountServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubaccountServiceStub>() {
        @java.lang.Override
        public SubaccountServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubaccountServiceStub(channel, callOptions);
        }
      };
    return SubaccountServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SubaccountServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubaccountServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubaccountServiceBlockingV2Stub>() {
        @java.lang.Override
        public SubaccountServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubaccountServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SubaccountServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SubaccountServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubaccountServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubaccountServiceBlockingStub>() {
        @java.lang.Override
        public SubaccountServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubaccountServiceBlockingStub(channel, callOptions);
        }
      };
    return SubaccountServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SubaccountServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SubaccountServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SubaccountServiceFutureStub>() {
        @java.lang.Override
        public SubaccountServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SubaccountServiceFutureStub(channel, callOptions);
        }
      };
    return SubaccountServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Accounts below this one at the vendor, and the credits that they share. The account must be a superaccount there.
   * Where a name ends in a subaccount's id, smSend takes its login too for credits and purchases.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the subaccounts.
     * </pre>
     */
    default void listSubaccounts(io.smsmux.v1.ListSubaccountsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListSubaccountsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSubaccountsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a subaccount.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    default void createSubaccount(io.smsmux.v1.CreateSubaccountRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateSubaccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSubaccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Replaces what can be set of a subaccount, and locks or unlocks it.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    default void updateSubaccount(io.smsmux.v1.UpdateSubaccountRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.UpdateSubaccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateSubaccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes a subaccount's password.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    default void changeSubaccountPassword(io.smsmux.v1.ChangeSubaccountPasswordRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ChangeSubaccountPasswordResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getChangeSubaccountPasswordMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets a subaccount.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    default void getSubaccount(io.smsmux.v1.GetSubaccountRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetSubaccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSubaccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * Moves credits between the account and a subaccount that has credits of its own. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    default void transferCredits(io.smsmux.v1.TransferCreditsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.TransferCreditsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTransferCreditsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tells what a subaccount has left.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    default void getSubaccountCredits(io.smsmux.v1.GetSubaccountCreditsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetSubaccountCreditsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSubaccountCreditsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists what a subaccount bought.
     * </pre>
     */
    default void listPurchases(io.smsmux.v1.ListPurchasesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListPurchasesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListPurchasesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Books purchases for a subaccount whose credit source is BOTH. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    default void createPurchases(io.smsmux.v1.CreatePurchasesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreatePurchasesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreatePurchasesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a purchase.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown purchase.
     * </pre>
     */
    default void deletePurchase(io.smsmux.v1.DeletePurchaseRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.DeletePurchaseResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeletePurchaseMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SubaccountService.
   * <pre>
   * Accounts below this one at the vendor, and the credits that they share. The account must be a superaccount there.
   * Where a name ends in a subaccount's id, smSend takes its login too for credits and purchases.
   * </pre>
   */
  public static abstract class SubaccountServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SubaccountServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SubaccountService.
   * <pre>
   * Accounts below this one at the vendor, and the credits that they share. The account must be a superaccount there.
   * Where a name ends in a subaccount's id, smSend takes its login too for credits and purchases.
   * </pre>
   */
  public static final class SubaccountServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SubaccountServiceStub> {
    private SubaccountServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubaccountServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubaccountServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the subaccounts.
     * </pre>
     */
    public void listSubaccounts(io.smsmux.v1.ListSubaccountsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListSubaccountsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSubaccountsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a subaccount.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public void createSubaccount(io.smsmux.v1.CreateSubaccountRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateSubaccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSubaccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Replaces what can be set of a subaccount, and locks or unlocks it.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public void updateSubaccount(io.smsmux.v1.UpdateSubaccountRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.UpdateSubaccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateSubaccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes a subaccount's password.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public void changeSubaccountPassword(io.smsmux.v1.ChangeSubaccountPasswordRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ChangeSubaccountPasswordResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getChangeSubaccountPasswordMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets a subaccount.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public void getSubaccount(io.smsmux.v1.GetSubaccountRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetSubaccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSubaccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Moves credits between the account and a subaccount that has credits of its own. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public void transferCredits(io.smsmux.v1.TransferCreditsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.TransferCreditsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getTransferCreditsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tells what a subaccount has left.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public void getSubaccountCredits(io.smsmux.v1.GetSubaccountCreditsRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetSubaccountCreditsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSubaccountCreditsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists what a subaccount bought.
     * </pre>
     */
    public void listPurchases(io.smsmux.v1.ListPurchasesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListPurchasesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListPurchasesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Books purchases for a subaccount whose credit source is BOTH. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public void createPurchases(io.smsmux.v1.CreatePurchasesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreatePurchasesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreatePurchasesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a purchase.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown purchase.
     * </pre>
     */
    public void deletePurchase(io.smsmux.v1.DeletePurchaseRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.DeletePurchaseResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeletePurchaseMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SubaccountService.
   * <pre>
   * Accounts below this one at the vendor, and the credits that they share. The account must be a superaccount there.
   * Where a name ends in a subaccount's id, smSend takes its login too for credits and purchases.
   * </pre>
   */
  public static final class SubaccountServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SubaccountServiceBlockingV2Stub> {
    private SubaccountServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubaccountServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubaccountServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the subaccounts.
     * </pre>
     */
    public io.smsmux.v1.ListSubaccountsResponse listSubaccounts(io.smsmux.v1.ListSubaccountsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSubaccountsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a subaccount.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateSubaccountResponse createSubaccount(io.smsmux.v1.CreateSubaccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSubaccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces what can be set of a subaccount, and locks or unlocks it.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public io.smsmux.v1.UpdateSubaccountResponse updateSubaccount(io.smsmux.v1.UpdateSubaccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateSubaccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a subaccount's password.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public io.smsmux.v1.ChangeSubaccountPasswordResponse changeSubaccountPassword(io.smsmux.v1.ChangeSubaccountPasswordRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getChangeSubaccountPasswordMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a subaccount.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public io.smsmux.v1.GetSubaccountResponse getSubaccount(io.smsmux.v1.GetSubaccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSubaccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Moves credits between the account and a subaccount that has credits of its own. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.smsmux.v1.TransferCreditsResponse transferCredits(io.smsmux.v1.TransferCreditsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getTransferCreditsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells what a subaccount has left.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public io.smsmux.v1.GetSubaccountCreditsResponse getSubaccountCredits(io.smsmux.v1.GetSubaccountCreditsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSubaccountCreditsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists what a subaccount bought.
     * </pre>
     */
    public io.smsmux.v1.ListPurchasesResponse listPurchases(io.smsmux.v1.ListPurchasesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListPurchasesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Books purchases for a subaccount whose credit source is BOTH. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.smsmux.v1.CreatePurchasesResponse createPurchases(io.smsmux.v1.CreatePurchasesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreatePurchasesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a purchase.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown purchase.
     * </pre>
     */
    public io.smsmux.v1.DeletePurchaseResponse deletePurchase(io.smsmux.v1.DeletePurchaseRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeletePurchaseMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SubaccountService.
   * <pre>
   * Accounts below this one at the vendor, and the credits that they share. The account must be a superaccount there.
   * Where a name ends in a subaccount's id, smSend takes its login too for credits and purchases.
   * </pre>
   */
  public static final class SubaccountServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SubaccountServiceBlockingStub> {
    private SubaccountServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubaccountServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubaccountServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the subaccounts.
     * </pre>
     */
    public io.smsmux.v1.ListSubaccountsResponse listSubaccounts(io.smsmux.v1.ListSubaccountsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSubaccountsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a subaccount.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateSubaccountResponse createSubaccount(io.smsmux.v1.CreateSubaccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSubaccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Replaces what can be set of a subaccount, and locks or unlocks it.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public io.smsmux.v1.UpdateSubaccountResponse updateSubaccount(io.smsmux.v1.UpdateSubaccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateSubaccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes a subaccount's password.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public io.smsmux.v1.ChangeSubaccountPasswordResponse changeSubaccountPassword(io.smsmux.v1.ChangeSubaccountPasswordRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getChangeSubaccountPasswordMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a subaccount.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public io.smsmux.v1.GetSubaccountResponse getSubaccount(io.smsmux.v1.GetSubaccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSubaccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Moves credits between the account and a subaccount that has credits of its own. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.smsmux.v1.TransferCreditsResponse transferCredits(io.smsmux.v1.TransferCreditsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getTransferCreditsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells what a subaccount has left.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public io.smsmux.v1.GetSubaccountCreditsResponse getSubaccountCredits(io.smsmux.v1.GetSubaccountCreditsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSubaccountCreditsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists what a subaccount bought.
     * </pre>
     */
    public io.smsmux.v1.ListPurchasesResponse listPurchases(io.smsmux.v1.ListPurchasesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListPurchasesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Books purchases for a subaccount whose credit source is BOTH. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.smsmux.v1.CreatePurchasesResponse createPurchases(io.smsmux.v1.CreatePurchasesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreatePurchasesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a purchase.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown purchase.
     * </pre>
     */
    public io.smsmux.v1.DeletePurchaseResponse deletePurchase(io.smsmux.v1.DeletePurchaseRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeletePurchaseMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SubaccountService.
   * <pre>
   * Accounts below this one at the vendor, and the credits that they share. The account must be a superaccount there.
   * Where a name ends in a subaccount's id, smSend takes its login too for credits and purchases.
   * </pre>
   */
  public static final class SubaccountServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SubaccountServiceFutureStub> {
    private SubaccountServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SubaccountServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SubaccountServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the subaccounts.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ListSubaccountsResponse> listSubaccounts(
        io.smsmux.v1.ListSubaccountsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSubaccountsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates a subaccount.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreateSubaccountResponse> createSubaccount(
        io.smsmux.v1.CreateSubaccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSubaccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Replaces what can be set of a subaccount, and locks or unlocks it.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.UpdateSubaccountResponse> updateSubaccount(
        io.smsmux.v1.UpdateSubaccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateSubaccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes a subaccount's password.
     * Errors: INVALID_REQUEST; VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ChangeSubaccountPasswordResponse> changeSubaccountPassword(
        io.smsmux.v1.ChangeSubaccountPasswordRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getChangeSubaccountPasswordMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets a subaccount.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetSubaccountResponse> getSubaccount(
        io.smsmux.v1.GetSubaccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSubaccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Moves credits between the account and a subaccount that has credits of its own. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.TransferCreditsResponse> transferCredits(
        io.smsmux.v1.TransferCreditsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getTransferCreditsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tells what a subaccount has left.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown subaccount.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetSubaccountCreditsResponse> getSubaccountCredits(
        io.smsmux.v1.GetSubaccountCreditsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSubaccountCreditsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists what a subaccount bought.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ListPurchasesResponse> listPurchases(
        io.smsmux.v1.ListPurchasesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListPurchasesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Books purchases for a subaccount whose credit source is BOTH. Never repeated by smsmux.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreatePurchasesResponse> createPurchases(
        io.smsmux.v1.CreatePurchasesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreatePurchasesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a purchase.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown purchase.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.DeletePurchaseResponse> deletePurchase(
        io.smsmux.v1.DeletePurchaseRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeletePurchaseMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_SUBACCOUNTS = 0;
  private static final int METHODID_CREATE_SUBACCOUNT = 1;
  private static final int METHODID_UPDATE_SUBACCOUNT = 2;
  private static final int METHODID_CHANGE_SUBACCOUNT_PASSWORD = 3;
  private static final int METHODID_GET_SUBACCOUNT = 4;
  private static final int METHODID_TRANSFER_CREDITS = 5;
  private static final int METHODID_GET_SUBACCOUNT_CREDITS = 6;
  private static final int METHODID_LIST_PURCHASES = 7;
  private static final int METHODID_CREATE_PURCHASES = 8;
  private static final int METHODID_DELETE_PURCHASE = 9;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_LIST_SUBACCOUNTS:
          serviceImpl.listSubaccounts((io.smsmux.v1.ListSubaccountsRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ListSubaccountsResponse>) responseObserver);
          break;
        case METHODID_CREATE_SUBACCOUNT:
          serviceImpl.createSubaccount((io.smsmux.v1.CreateSubaccountRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreateSubaccountResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SUBACCOUNT:
          serviceImpl.updateSubaccount((io.smsmux.v1.UpdateSubaccountRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.UpdateSubaccountResponse>) responseObserver);
          break;
        case METHODID_CHANGE_SUBACCOUNT_PASSWORD:
          serviceImpl.changeSubaccountPassword((io.smsmux.v1.ChangeSubaccountPasswordRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ChangeSubaccountPasswordResponse>) responseObserver);
          break;
        case METHODID_GET_SUBACCOUNT:
          serviceImpl.getSubaccount((io.smsmux.v1.GetSubaccountRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetSubaccountResponse>) responseObserver);
          break;
        case METHODID_TRANSFER_CREDITS:
          serviceImpl.transferCredits((io.smsmux.v1.TransferCreditsRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.TransferCreditsResponse>) responseObserver);
          break;
        case METHODID_GET_SUBACCOUNT_CREDITS:
          serviceImpl.getSubaccountCredits((io.smsmux.v1.GetSubaccountCreditsRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetSubaccountCreditsResponse>) responseObserver);
          break;
        case METHODID_LIST_PURCHASES:
          serviceImpl.listPurchases((io.smsmux.v1.ListPurchasesRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ListPurchasesResponse>) responseObserver);
          break;
        case METHODID_CREATE_PURCHASES:
          serviceImpl.createPurchases((io.smsmux.v1.CreatePurchasesRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreatePurchasesResponse>) responseObserver);
          break;
        case METHODID_DELETE_PURCHASE:
          serviceImpl.deletePurchase((io.smsmux.v1.DeletePurchaseRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.DeletePurchaseResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getListSubaccountsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ListSubaccountsRequest,
              io.smsmux.v1.ListSubaccountsResponse>(
                service, METHODID_LIST_SUBACCOUNTS)))
        .addMethod(
          getCreateSubaccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreateSubaccountRequest,
              io.smsmux.v1.CreateSubaccountResponse>(
                service, METHODID_CREATE_SUBACCOUNT)))
        .addMethod(
          getUpdateSubaccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.UpdateSubaccountRequest,
              io.smsmux.v1.UpdateSubaccountResponse>(
                service, METHODID_UPDATE_SUBACCOUNT)))
        .addMethod(
          getChangeSubaccountPasswordMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ChangeSubaccountPasswordRequest,
              io.smsmux.v1.ChangeSubaccountPasswordResponse>(
                service, METHODID_CHANGE_SUBACCOUNT_PASSWORD)))
        .addMethod(
          getGetSubaccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetSubaccountRequest,
              io.smsmux.v1.GetSubaccountResponse>(
                service, METHODID_GET_SUBACCOUNT)))
        .addMethod(
          getTransferCreditsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.TransferCreditsRequest,
              io.smsmux.v1.TransferCreditsResponse>(
                service, METHODID_TRANSFER_CREDITS)))
        .addMethod(
          getGetSubaccountCreditsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetSubaccountCreditsRequest,
              io.smsmux.v1.GetSubaccountCreditsResponse>(
                service, METHODID_GET_SUBACCOUNT_CREDITS)))
        .addMethod(
          getListPurchasesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ListPurchasesRequest,
              io.smsmux.v1.ListPurchasesResponse>(
                service, METHODID_LIST_PURCHASES)))
        .addMethod(
          getCreatePurchasesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreatePurchasesRequest,
              io.smsmux.v1.CreatePurchasesResponse>(
                service, METHODID_CREATE_PURCHASES)))
        .addMethod(
          getDeletePurchaseMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.DeletePurchaseRequest,
              io.smsmux.v1.DeletePurchaseResponse>(
                service, METHODID_DELETE_PURCHASE)))
        .build();
  }

  private static abstract class SubaccountServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SubaccountServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.SubaccountServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SubaccountService");
    }
  }

  private static final class SubaccountServiceFileDescriptorSupplier
      extends SubaccountServiceBaseDescriptorSupplier {
    SubaccountServiceFileDescriptorSupplier() {}
  }

  private static final class SubaccountServiceMethodDescriptorSupplier
      extends SubaccountServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SubaccountServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (SubaccountServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SubaccountServiceFileDescriptorSupplier())
              .addMethod(getListSubaccountsMethod())
              .addMethod(getCreateSubaccountMethod())
              .addMethod(getUpdateSubaccountMethod())
              .addMethod(getChangeSubaccountPasswordMethod())
              .addMethod(getGetSubaccountMethod())
              .addMethod(getTransferCreditsMethod())
              .addMethod(getGetSubaccountCreditsMethod())
              .addMethod(getListPurchasesMethod())
              .addMethod(getCreatePurchasesMethod())
              .addMethod(getDeletePurchaseMethod())
              .build();
        }
      }
    }
    return result;
  }
}
