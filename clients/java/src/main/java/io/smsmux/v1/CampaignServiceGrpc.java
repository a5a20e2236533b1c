package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * E-mail campaigns: lists that contacts subscribe to, and issues that are sent to them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CampaignServiceGrpc {

  private CampaignServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.CampaignService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreateMailingListRequest,
      io.smsmux.v1.CreateMailingListResponse> getCreateMailingListMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateMailingList",
      requestType = io.smsmux.v1.CreateMailingListRequest.class,
      responseType = io.smsmux.v1.CreateMailingListResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreateMailingListRequest,
      io.smsmux.v1.CreateMailingListResponse> getCreateMailingListMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreateMailingListRequest, io.smsmux.v1.CreateMailingListResponse> getCreateMailingListMethod;
    if ((getCreateMailingListMethod = CampaignServiceGrpc.getCreateMailingListMethod) == null) {
      synchronized (CampaignServiceGrpc.class) {
        if ((getCreateMailingListMethod = CampaignServiceGrpc.getCreateMailingListMethod) == null) {
          CampaignServiceGrpc.getCreateMailingListMethod = getCreateMailingListMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreateMailingListRequest, io.smsmux.v1.CreateMailingListResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateMailingList"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateMailingListRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateMailingListResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CampaignServiceMethodDescriptorSupplier("CreateMailingList"))
              .build();
        }
      }
    }
    return getCreateMailingListMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.UpdateMailingListRequest,
      io.smsmux.v1.UpdateMailingListResponse> getUpdateMailingListMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateMailingList",
      requestType = io.smsmux.v1.UpdateMailingListRequest.class,
      responseType = io.smsmux.v1.UpdateMailingListResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.UpdateMailingListRequest,
      io.smsmux.v1.UpdateMailingListResponse> getUpdateMailingListMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.UpdateMailingListRequest, io.smsmux.v1.UpdateMailingListResponse> getUpdateMailingListMethod;
    if ((getUpdateMailingListMethod = CampaignServiceGrpc.getUpdateMailingListMethod) == null) {
      synchronized (CampaignServiceGrpc.class) {
        if ((getUpdateMailingListMethod = CampaignServiceGrpc.getUpdateMailingListMethod) == null) {
          CampaignServiceGrpc.getUpdateMailingListMethod = getUpdateMailingListMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.UpdateMailingListRequest, io.smsmux.v1.UpdateMailingListResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateMailingList"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.UpdateMailingListRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.UpdateMailingListResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CampaignServiceMethodDescriptorSupplier("UpdateMailingList"))
              .build();
        }
      }
    }
    return getUpdateMailingListMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.SubscribeContactRequest,
      io.smsmux.v1.SubscribeContactResponse> getSubscribeContactMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SubscribeContact",
      requestType = io.smsmux.v1.SubscribeContactRequest.class,
      responseType = io.smsmux.v1.SubscribeContactResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.SubscribeContactRequest,
      io.smsmux.v1.SubscribeContactResponse> getSubscribeContactMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.SubscribeContactRequest, io.smsmux.v1.SubscribeContactResponse> getSubscribeContactMethod;
    if ((getSubscribeContactMethod = CampaignServiceGrpc.getSubscribeContactMethod) == null) {
      synchronized (CampaignServiceGrpc.class) {
        if ((getSubscribeContactMethod = CampaignServiceGrpc.getSubscribeContactMethod) == null) {
          CampaignServiceGrpc.getSubscribeContactMethod = getSubscribeContactMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.SubscribeContactRequest, io.smsmux.v1.SubscribeContactResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SubscribeContact"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SubscribeContactRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SubscribeContactResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CampaignServiceMethodDescriptorSupplier("SubscribeContact"))
              .build();
        }
      }
    }
    return getSubscribeContactMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.SubscribeGroupRequest,
      io.smsmux.v1.SubscribeGroupResponse> getSubscribeGroupMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SubscribeGroup",
      requestType = io.smsmux.v1.SubscribeGroupRequest.class,
      responseType = io.smsmux.v1.SubscribeGroupResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.SubscribeGroupRequest,
      io.smsmux.v1.SubscribeGroupResponse> getSubscribeGroupMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.SubscribeGroupRequest, io.smsmux.v1.SubscribeGroupResponse> getSubscribeGroupMethod;
    if ((getSubscribeGroupMethod = CampaignServiceGrpc.getSubscribeGroupMethod) == null) {
      synchronized (CampaignServiceGrpc.class) {
        if ((getSubscribeGroupMethod = CampaignServiceGrpc.getSubscribeGroupMethod) == null) {
          CampaignServiceGrpc.getSubscribeGroupMethod = getSubscribeGroupMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.SubscribeGroupRequest, io.smsmux.v1.SubscribeGroupResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SubscribeGroup"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SubscribeGroupRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SubscribeGroupResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CampaignServiceMethodDescriptorSupplier("SubscribeGroup"))
              .build();
        }
      }
    }
    return getSubscribeGroupMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreateIssueRequest,
      io.smsmux.v1.CreateIssueResponse> getCreateIssueMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateIssue",
      requestType = io.smsmux.v1.CreateIssueRequest.class,
      responseType = io.smsmux.v1.CreateIssueResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreateIssueRequest,
      io.smsmux.v1.CreateIssueResponse> getCreateIssueMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreateIssueRequest, io.smsmux.v1.CreateIssueResponse> getCreateIssueMethod;
    if ((getCreateIssueMethod = CampaignServiceGrpc.getCreateIssueMethod) == null) {
      synchronized (CampaignServiceGrpc.class) {
        if ((getCreateIssueMethod = CampaignServiceGrpc.getCreateIssueMethod) == null) {
          CampaignServiceGrpc.getCreateIssueMethod = getCreateIssueMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreateIssueRequest, io.smsmux.v1.CreateIssueResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateIssue"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateIssueRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateIssueResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CampaignServiceMethodDescriptorSupplier("CreateIssue"))
              .build();
        }
      }
    }
    return getCreateIssueMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CreateIssueFromTemplateRequest,
      io.smsmux.v1.CreateIssueFromTemplateResponse> getCreateIssueFromTemplateMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateIssueFromTemplate",
      requestType = io.smsmux.v1.CreateIssueFromTemplateRequest.class,
      responseType = io.smsmux.v1.CreateIssueFromTemplateResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CreateIssueFromTemplateRequest,
      io.smsmux.v1.CreateIssueFromTemplateResponse> getCreateIssueFromTemplateMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CreateIssueFromTemplateRequest, io.smsmux.v1.CreateIssueFromTemplateResponse> getCreateIssueFromTemplateMethod;
    if ((getCreateIssueFromTemplateMethod = CampaignServiceGrpc.getCreateIssueFromTemplateMethod) == null) {
      synchronized (CampaignServiceGrpc.class) {
        if ((getCreateIssueFromTemplateMethod = CampaignServiceGrpc.getCreateIssueFromTemplateMethod) == null) {
          CampaignServiceGrpc.getCreateIssueFromTemplateMethod = getCreateIssueFromTemplateMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CreateIssueFromTemplateRequest, io.smsmux.v1.CreateIssueFromTemplateResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateIssueFromTemplate"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateIssueFromTemplateRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CreateIssueFromTemplateResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CampaignServiceMethodDescriptorSupplier("CreateIssueFromTemplate"))
              .build();
        }
      }
    }
    return getCreateIssueFromTemplateMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.SendIssueRequest,
      io.smsmux.v1.SendIssueResponse> getSendIssueMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendIssue",
      requestType = io.smsmux.v1.SendIssueRequest.class,
      responseType = io.smsmux.v1.SendIssueResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.SendIssueRequest,
      io.smsmux.v1.SendIssueResponse> getSendIssueMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.SendIssueRequest, io.smsmux.v1.SendIssueResponse> getSendIssueMethod;
    if ((getSendIssueMethod = CampaignServiceGrpc.getSendIssueMethod) == null) {
      synchronized (CampaignServiceGrpc.class) {
        if ((getSendIssueMethod = CampaignServiceGrpc.getSendIssueMethod) == null) {
          CampaignServiceGrpc.getSendIssueMethod = getSendIssueMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.SendIssueRequest, io.smsmux.v1.SendIssueResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendIssue"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SendIssueRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SendIssueResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CampaignServiceMethodDescriptorSupplier("SendIssue"))
              .build();
        }
      }
    }
    return getSendIssueMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CampaignServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CampaignServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CampaignServiceStub>() {
        @java.lang.Override
        public CampaignServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CampaignServiceStub(channel, callOptions);
        }
      };
    return CampaignServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CampaignServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CampaignServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CampaignServiceBlockingV2Stub>() {
        @java.lang.Override
        public CampaignServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CampaignServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return CampaignServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CampaignServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CampaignServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CampaignServiceBlockingStub>() {
        @java.lang.Override
        public CampaignServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CampaignServiceBlockingStub(channel, callOptions);
        }
      };
    return CampaignServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CampaignServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CampaignServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CampaignServiceFutureStub>() {
        @java.lang.Override
        public CampaignServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CampaignServiceFutureStub(channel, callOptions);
        }
      };
    return CampaignServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * E-mail campaigns: lists that contacts subscribe to, and issues that are sent to them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Creates a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    default void createMailingList(io.smsmux.v1.CreateMailingListRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateMailingListResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateMailingListMethod(), responseObserver);
    }

    /**
     * <pre>
     * Updates a mailing list. Fields that are absent stay as they are.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown list.
     * </pre>
     */
    default void updateMailingList(io.smsmux.v1.UpdateMailingListRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.UpdateMailingListResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateMailingListMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates a contact and subscribes it to a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, also for a list that is not active.
     * </pre>
     */
    default void subscribeContact(io.smsmux.v1.SubscribeContactRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SubscribeContactResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeContactMethod(), responseObserver);
    }

    /**
     * <pre>
     * Subscribes all contacts of a group to a mailing list.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown list or group.
     * </pre>
     */
    default void subscribeGroup(io.smsmux.v1.SubscribeGroupRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SubscribeGroupResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeGroupMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates an issue, as a draft.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    default void createIssue(io.smsmux.v1.CreateIssueRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateIssueResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateIssueMethod(), responseObserver);
    }

    /**
     * <pre>
     * Creates an issue from a template that is at the vendor.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    default void createIssueFromTemplate(io.smsmux.v1.CreateIssueFromTemplateRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateIssueFromTemplateResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateIssueFromTemplateMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends an issue to some of the contacts at a given time.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    default void sendIssue(io.smsmux.v1.SendIssueRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SendIssueResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendIssueMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CampaignService.
   * <pre>
   * E-mail campaigns: lists that contacts subscribe to, and issues that are sent to them.
   * </pre>
   */
  public static abstract class CampaignServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CampaignServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CampaignService.
   * <pre>
   * E-mail campaigns: lists that contacts subscribe to, and issues that are sent to them.
   * </pre>
   */
  public static final class CampaignServiceStub
      extends io.grpc.stub.AbstractAsyncStub<CampaignServiceStub> {
    private CampaignServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CampaignServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CampaignServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public void createMailingList(io.smsmux.v1.CreateMailingListRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateMailingListResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateMailingListMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Updates a mailing list. Fields that are absent stay as they are.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown list.
     * </pre>
     */
    public void updateMailingList(io.smsmux.v1.UpdateMailingListRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.UpdateMailingListResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateMailingListMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates a contact and subscribes it to a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, also for a list that is not active.
     * </pre>
     */
    public void subscribeContact(io.smsmux.v1.SubscribeContactRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SubscribeContactResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSubscribeContactMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Subscribes all contacts of a group to a mailing list.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown list or group.
     * </pre>
     */
    public void subscribeGroup(io.smsmux.v1.SubscribeGroupRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SubscribeGroupResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSubscribeGroupMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates an issue, as a draft.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public void createIssue(io.smsmux.v1.CreateIssueRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateIssueResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateIssueMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Creates an issue from a template that is at the vendor.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public void createIssueFromTemplate(io.smsmux.v1.CreateIssueFromTemplateRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CreateIssueFromTemplateResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateIssueFromTemplateMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends an issue to some of the contacts at a given time.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public void sendIssue(io.smsmux.v1.SendIssueRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SendIssueResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendIssueMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CampaignService.
   * <pre>
   * E-mail campaigns: lists that contacts subscribe to, and issues that are sent to them.
   * </pre>
   */
  public static final class CampaignServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CampaignServiceBlockingV2Stub> {
    private CampaignServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CampaignServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CampaignServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateMailingListResponse createMailingList(io.smsmux.v1.CreateMailingListRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateMailingListMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Updates a mailing list. Fields that are absent stay as they are.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown list.
     * </pre>
     */
    public io.smsmux.v1.UpdateMailingListResponse updateMailingList(io.smsmux.v1.UpdateMailingListRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateMailingListMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a contact and subscribes it to a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, also for a list that is not active.
     * </pre>
     */
    public io.smsmux.v1.SubscribeContactResponse subscribeContact(io.smsmux.v1.SubscribeContactRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSubscribeContactMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Subscribes all contacts of a group to a mailing list.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown list or group.
     * </pre>
     */
    public io.smsmux.v1.SubscribeGroupResponse subscribeGroup(io.smsmux.v1.SubscribeGroupRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSubscribeGroupMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an issue, as a draft.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateIssueResponse createIssue(io.smsmux.v1.CreateIssueRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateIssueMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an issue from a template that is at the vendor.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateIssueFromTemplateResponse createIssueFromTemplate(io.smsmux.v1.CreateIssueFromTemplateRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateIssueFromTemplateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends an issue to some of the contacts at a given time.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.smsmux.v1.SendIssueResponse sendIssue(io.smsmux.v1.SendIssueRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendIssueMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CampaignService.
   * <pre>
   * E-mail campaigns: lists that contacts subscribe to, and issues that are sent to them.
   * </pre>
   */
  public static final class CampaignServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CampaignServiceBlockingStub> {
    private CampaignServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CampaignServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CampaignServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateMailingListResponse createMailingList(io.smsmux.v1.CreateMailingListRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateMailingListMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Updates a mailing list. Fields that are absent stay as they are.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown list.
     * </pre>
     */
    public io.smsmux.v1.UpdateMailingListResponse updateMailingList(io.smsmux.v1.UpdateMailingListRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateMailingListMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates a contact and subscribes it to a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, also for a list that is not active.
     * </pre>
     */
    public io.smsmux.v1.SubscribeContactResponse subscribeContact(io.smsmux.v1.SubscribeContactRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSubscribeContactMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Subscribes all contacts of a group to a mailing list.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown list or group.
     * </pre>
     */
    public io.smsmux.v1.SubscribeGroupResponse subscribeGroup(io.smsmux.v1.SubscribeGroupRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSubscribeGroupMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an issue, as a draft.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateIssueResponse createIssue(io.smsmux.v1.CreateIssueRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateIssueMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Creates an issue from a template that is at the vendor.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public io.smsmux.v1.CreateIssueFromTemplateResponse createIssueFromTemplate(io.smsmux.v1.CreateIssueFromTemplateRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateIssueFromTemplateMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends an issue to some of the contacts at a given time.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.smsmux.v1.SendIssueResponse sendIssue(io.smsmux.v1.SendIssueRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendIssueMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CampaignService.
   * <pre>
   * E-mail campaigns: lists that contacts subscribe to, and issues that are sent to them.
   * </pre>
   */
  public static final class CampaignServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<CampaignServiceFutureStub> {
    private CampaignServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CampaignServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CampaignServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Creates a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreateMailingListResponse> createMailingList(
        io.smsmux.v1.CreateMailingListRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateMailingListMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Updates a mailing list. Fields that are absent stay as they are.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, which is also what smSend says for an unknown list.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.UpdateMailingListResponse> updateMailingList(
        io.smsmux.v1.UpdateMailingListRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateMailingListMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates a contact and subscribes it to a mailing list.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED, also for a list that is not active.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.SubscribeContactResponse> subscribeContact(
        io.smsmux.v1.SubscribeContactRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSubscribeContactMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Subscribes all contacts of a group to a mailing list.
     * Errors: VENDOR_REFUSED, which is also what smSend says for an unknown list or group.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.SubscribeGroupResponse> subscribeGroup(
        io.smsmux.v1.SubscribeGroupRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSubscribeGroupMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates an issue, as a draft.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreateIssueResponse> createIssue(
        io.smsmux.v1.CreateIssueRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateIssueMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Creates an issue from a template that is at the vendor.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CreateIssueFromTemplateResponse> createIssueFromTemplate(
        io.smsmux.v1.CreateIssueFromTemplateRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateIssueFromTemplateMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sends an issue to some of the contacts at a given time.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; OUTCOME_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.SendIssueResponse> sendIssue(
        io.smsmux.v1.SendIssueRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendIssueMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_MAILING_LIST = 0;
  private static final int METHODID_UPDATE_MAILING_LIST = 1;
  private static final int METHODID_SUBSCRIBE_CONTACT = 2;
  private static final int METHODID_SUBSCRIBE_GROUP = 3;
  private static final int METHODID_CREATE_ISSUE = 4;
  private static final int METHODID_CREATE_ISSUE_FROM_TEMPLATE = 5;
  private static final int METHODID_SEND_ISSUE = 6;

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
        case METHODID_CREATE_MAILING_LIST:
          serviceImpl.createMailingList((io.smsmux.v1.CreateMailingListRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreateMailingListResponse>) responseObserver);
          break;
        case METHODID_UPDATE_MAILING_LIST:
          serviceImpl.updateMailingList((io.smsmux.v1.UpdateMailingListRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.UpdateMailingListResponse>) responseObserver);
          break;
        case METHODID_SUBSCRIBE_CONTACT:
          serviceImpl.subscribeContact((io.smsmux.v1.SubscribeContactRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.SubscribeContactResponse>) responseObserver);
          break;
        case METHODID_SUBSCRIBE_GROUP:
          serviceImpl.subscribeGroup((io.smsmux.v1.SubscribeGroupRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.SubscribeGroupResponse>) responseObserver);
          break;
        case METHODID_CREATE_ISSUE:
          serviceImpl.createIssue((io.smsmux.v1.CreateIssueRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreateIssueResponse>) responseObserver);
          break;
        case METHODID_CREATE_ISSUE_FROM_TEMPLATE:
          serviceImpl.createIssueFromTemplate((io.smsmux.v1.CreateIssueFromTemplateRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CreateIssueFromTemplateResponse>) responseObserver);
          break;
        case METHODID_SEND_ISSUE:
          serviceImpl.sendIssue((io.smsmux.v1.SendIssueRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.SendIssueResponse>) responseObserver);
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
          getCreateMailingListMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreateMailingListRequest,
              io.smsmux.v1.CreateMailingListResponse>(
                service, METHODID_CREATE_MAILING_LIST)))
        .addMethod(
          getUpdateMailingListMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.UpdateMailingListRequest,
              io.smsmux.v1.UpdateMailingListResponse>(
                service, METHODID_UPDATE_MAILING_LIST)))
        .addMethod(
          getSubscribeContactMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.SubscribeContactRequest,
              io.smsmux.v1.SubscribeContactResponse>(
                service, METHODID_SUBSCRIBE_CONTACT)))
        .addMethod(
          getSubscribeGroupMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.SubscribeGroupRequest,
              io.smsmux.v1.SubscribeGroupResponse>(
                service, METHODID_SUBSCRIBE_GROUP)))
        .addMethod(
          getCreateIssueMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreateIssueRequest,
              io.smsmux.v1.CreateIssueResponse>(
                service, METHODID_CREATE_ISSUE)))
        .addMethod(
          getCreateIssueFromTemplateMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CreateIssueFromTemplateRequest,
              io.smsmux.v1.CreateIssueFromTemplateResponse>(
                service, METHODID_CREATE_ISSUE_FROM_TEMPLATE)))
        .addMethod(
          getSendIssueMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.SendIssueRequest,
              io.smsmux.v1.SendIssueResponse>(
                service, METHODID_SEND_ISSUE)))
        .build();
  }

  private static abstract class CampaignServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CampaignServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.CampaignServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CampaignService");
    }
  }

  private static final class CampaignServiceFileDescriptorSupplier
      extends CampaignServiceBaseDescriptorSupplier {
    CampaignServiceFileDescriptorSupplier() {}
  }

  private static final class CampaignServiceMethodDescriptorSupplier
      extends CampaignServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CampaignServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CampaignServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CampaignServiceFileDescriptorSupplier())
              .addMethod(getCreateMailingListMethod())
              .addMethod(getUpdateMailingListMethod())
              .addMethod(getSubscribeContactMethod())
              .addMethod(getSubscribeGroupMethod())
              .addMethod(getCreateIssueMethod())
              .addMethod(getCreateIssueFromTemplateMethod())
              .addMethod(getSendIssueMethod())
              .build();
        }
      }
    }
    return result;
  }
}
