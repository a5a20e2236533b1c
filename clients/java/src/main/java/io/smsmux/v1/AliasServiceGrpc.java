package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Registered senders. Some countries let a text name be a sender only after it was registered with who stands behind it.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AliasServiceGrpc {

  private AliasServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.AliasService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreateAliasRequest,
      io.smsmux.v1.CreateAliasResponse> getCreateAliasMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateAlias",
      requestType = io.smsmux.v1.CreateAliasRequest.class,
      responseType = io.smsmux.v1.CreateAliasResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreateAliasRequest,
      io.smsmux.v1.CreateAliasResponse> getCreateAliasMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreateAliasRequest, io.smsmux.v1.CreateAliasResponse> getCreateAliasMethod;
    if ((getCreateAliasMethod = AliasServiceGrpc.getCreateAliasMethod) == null) {
      synchronized (AliasServiceGrpc.class) {
        if ((getCreateAliasMethod = AliasServiceGrpc.getCreateAliasMethod) == null) {
          AliasServiceGrpc.getCreateAliasMethod = getCreateAliasMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreateAliasRequest, io.smsmux.v1.CreateAliasResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateAlias"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateAliasRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateAliasResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AliasServiceMethodDescriptorSupplier("CreateAlias"))
              .build();
        }
      }
    }
    return getCreateAliasMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ListAliasesRequest,
      io.smsmux.v1.ListAliasesResponse> getListAliasesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAliases",
      requestType = io.smsmux.v1.ListAliasesRequest.class,
      responseType = io.smsmux.v1.ListAliasesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ListAliasesRequest,
      io.smsmux.v1.ListAliasesResponse> getListAliasesMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ListAliasesRequest, io.smsmux.v1.ListAliasesResponse> getListAliasesMethod;
    if ((getListAliasesMethod = AliasServiceGrpc.getListAliasesMethod) == null) {
      synchronized (AliasServiceGrpc.class) {
        if ((getListAliasesMethod = AliasServiceGrpc.getListAliasesMethod) == null) {
          AliasServiceGrpc.getListAliasesMethod = getListAliasesMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ListAliasesRequest, io.smsmux.v1.ListAliasesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAliases"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListAliasesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListAliasesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AliasServiceMethodDescriptorSupplier("ListAliases"))
              .build();
        }
      }
    }
    return getListAliasesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetAliasRequest,
      io.smsmux.v1.GetAliasResponse> getGetAliasMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetAlias",
      requestType = io.smsmux.v1.GetAliasRequest.class,
      responseType = io.smsmux.v1.GetAliasResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetAliasRequest,
      io.smsmux.v1.GetAliasResponse> getGetAliasMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetAliasRequest, io.smsmux.v1.GetAliasResponse> getGetAliasMethod;
    if ((getGetAliasMethod = AliasServiceGrpc.getGetAliasMethod) == null) {
      synchronized (AliasServiceGrpc.class) {
        if ((getGetAliasMethod = AliasServiceGrpc.getGetAliasMethod) == null) {
          AliasServiceGrpc.getGetAliasMethod = getGetAliasMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetAliasRequest, io.smsmux.v1.GetAliasResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetAlias"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetAliasRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetAliasResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AliasServiceMethodDescriptorSupplier("GetAlias"))
              .build();
        }
      }
    }
    return getGetAliasMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.DeleteAliasRequest,
      io.smsmux.v1.DeleteAliasResponse> getDeleteAliasMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteAlias",
      requestType = io.smsmux.v1.DeleteAliasRequest.class,
      responseType = io.smsmux.v1.DeleteAliasResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.DeleteAliasRequest,
      io.smsmux.v1.DeleteAliasResponse> getDeleteAliasMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.DeleteAliasRequest, io.smsmux.v1.DeleteAliasResponse> getDeleteAliasMethod;
    if ((getDeleteAliasMethod = AliasServiceGrpc.getDeleteAliasMethod) == null) {
      synchronized (AliasServiceGrpc.class) {
        if ((getDeleteAliasMethod = AliasServiceGrpc.getDeleteAliasMethod) == null) {
          AliasServiceGrpc.getDeleteAliasMethod = getDeleteAliasMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.DeleteAliasRequest, io.smsmux.v1.DeleteAliasResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteAlias"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.DeleteAliasRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.DeleteAliasResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AliasServiceMethodDescriptorSupplier("DeleteAlias"))
              .build();
        }
      }
    }
    return getDeleteAliasMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AliasServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AliasServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AliasServiceStub>() {
        @java.lang.Override
        public AliasServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AliasServiceStub(channel, callOptions);
        }
      };
    return AliasServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AliasServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AliasServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AliasServiceBlockingV2Stub>() {
        @java.lang.Override
        public AliasServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AliasServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AliasServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AliasServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AliasServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AliasServiceBlockingStub>() {
        @java.lang.Override
        public AliasServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AliasServiceBlockingStub(channel, callOptions);
        }
      };
    return AliasServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AliasServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AliasServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AliasServiceFutureStub>() {
        @java.lang.Override
        public AliasServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AliasServiceFutureStub(channel, callOptions);
        }
      };
    return AliasServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Registered senders. Some countries let a text name be a sender only after it was registered with who stands behind it.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Registers a sender.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    default void createAlias(io.smsmux.v1.CreateAliasRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateAliasResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateAliasMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the registered senders.
     * </pre>
     */
    default void listAliases(io.smsmux.v1.ListAliasesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListAliasesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAliasesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Gets a registered sender and the state of its registration.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    default void getAlias(io.smsmux.v1.GetAliasRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetAliasResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetAliasMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes a registered sender.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    default void deleteAlias(io.smsmux.v1.DeleteAliasRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.DeleteAliasResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteAliasMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AliasService.
   * <pre>
   * Registered senders. Some countries let a text name be a sender only after it was registered with who stands behind it.
   * </pre>
   */
  public static abstract class AliasServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AliasServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AliasService.
   * <pre>
   * Registered senders. Some countries let a text name be a sender only after it was registered with who stands behind it.
   * </pre>
   */
  public static final class AliasServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AliasServiceStub> {
    private AliasServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AliasServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AliasServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers a sender.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public void createAlias(io.smsmux.v1.CreateAliasRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateAliasResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateAliasMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the registered senders.
     * </pre>
     */
    public void listAliases(io.smsmux.v1.ListAliasesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListAliasesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAliasesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Gets a registered sender and the state of its registration.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public void getAlias(io.smsmux.v1.GetAliasRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetAliasResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetAliasMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes a registered sender.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public void deleteAlias(io.smsmux.v1.DeleteAliasRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.DeleteAliasResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteAliasMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AliasService.
   * <pre>
   * Registered senders. Some countries let a text name be a sender only after it was registered with who stands behind it.
   * </pre>
   */
  public static final class AliasServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AliasServiceBlockingV2Stub> {
    private AliasServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AliasServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AliasServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers a sender.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateAliasResponse createAlias(io.smsmux.v1.CreateAliasRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the registered senders.
     * </pre>
     */
    public io.smsmux.v1.ListAliasesResponse listAliases(io.smsmux.v1.ListAliasesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAliasesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a registered sender and the state of its registration.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.smsmux.v1.GetAliasResponse getAlias(io.smsmux.v1.GetAliasRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a registered sender.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.smsmux.v1.DeleteAliasResponse deleteAlias(io.smsmux.v1.DeleteAliasRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteAliasMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AliasService.
   * <pre>
   * Registered senders. Some countries let a text name be a sender only after it was registered with who stands behind it.
   * </pre>
   */
  public static final class AliasServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AliasServiceBlockingStub> {
    private AliasServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AliasServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AliasServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers a sender.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateAliasResponse createAlias(io.smsmux.v1.CreateAliasRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the registered senders.
     * </pre>
     */
    public io.smsmux.v1.ListAliasesResponse listAliases(io.smsmux.v1.ListAliasesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAliasesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Gets a registered sender and the state of its registration.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.smsmux.v1.GetAliasResponse getAlias(io.smsmux.v1.GetAliasRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetAliasMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes a registered sender.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.smsmux.v1.DeleteAliasResponse deleteAlias(io.smsmux.v1.DeleteAliasRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteAliasMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AliasService.
   * <pre>
   * Registered senders. Some countries let a text name be a sender only after it was registered with who stands behind it.
   * </pre>
   */
  public static final class AliasServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AliasServiceFutureStub> {
    private AliasServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AliasServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AliasServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Registers a sender.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreateAliasResponse> createAlias(
        io.smsmux.v1.CreateAliasRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateAliasMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the registered senders.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ListAliasesResponse> listAliases(
        io.smsmux.v1.ListAliasesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAliasesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Gets a registered sender and the state of its registration.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetAliasResponse> getAlias(
        io.smsmux.v1.GetAliasRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetAliasMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes a registered sender.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.DeleteAliasResponse> deleteAlias(
        io.smsmux.v1.DeleteAliasRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteAliasMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_ALIAS = 0;
  private static final int METHODID_LIST_ALIASES = 1;
  private static final int METHODID_GET_ALIAS = 2;
  private static final int METHODID_DELETE_ALIAS = 3;

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
        case METHODID_CREATE_ALIAS:
          serviceImpl.createAlias((io.smsmux.v1.CreateAliasRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreateAliasResponse>) responseObserver);
          break;
        case METHODID_LIST_ALIASES:
          serviceImpl.listAliases((io.smsmux.v1.ListAliasesRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ListAliasesResponse>) responseObserver);
          break;
        case METHODID_GET_ALIAS:
          serviceImpl.getAlias((io.smsmux.v1.GetAliasRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetAliasResponse>) responseObserver);
          break;
        case METHODID_DELETE_ALIAS:
          serviceImpl.deleteAlias((io.smsmux.v1.DeleteAliasRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.DeleteAliasResponse>) responseObserver);
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
          getCreateAliasMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreateAliasRequest,
              io.smsmux.v1.CreateAliasResponse>(
                service, METHODID_CREATE_ALIAS)))
        .addMethod(
          getListAliasesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ListAliasesRequest,
              io.smsmux.v1.ListAliasesResponse>(
                service, METHODID_LIST_ALIASES)))
        .addMethod(
          getGetAliasMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetAliasRequest,
              io.smsmux.v1.GetAliasResponse>(
                service, METHODID_GET_ALIAS)))
        .addMethod(
          getDeleteAliasMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.DeleteAliasRequest,
              io.smsmux.v1.DeleteAliasResponse>(
                service, METHODID_DELETE_ALIAS)))
        .build();
  }

  private static abstract class AliasServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AliasServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.AliasServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AliasService");
    }
  }

  private static final class AliasServiceFileDescriptorSupplier
      extends AliasServiceBaseDescriptorSupplier {
    AliasServiceFileDescriptorSupplier() {}
  }

  private static final class AliasServiceMethodDescriptorSupplier
      extends AliasServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AliasServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AliasServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AliasServiceFileDescriptorSupplier())
              .addMethod(getCreateAliasMethod())
              .addMethod(getListAliasesMethod())
              .addMethod(getGetAliasMethod())
              .addMethod(getDeleteAliasMethod())
              .build();
        }
      }
    }
    return result;
  }
}
