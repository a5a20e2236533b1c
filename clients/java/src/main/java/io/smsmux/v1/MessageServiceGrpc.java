package io.smsmux.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SMS: send, look up what became of them, cancel, list.
 * Nothing is sent twice: a send is repeated by smsmux only when it provably never left or the vendor said that it was
 * not accepted. When a reply is lost and the vendor cannot tell what happened, the error has the reason OUTCOME_UNKNOWN
 * and names the message to look up.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class MessageServiceGrpc {

  private MessageServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "smsmux.v1.MessageService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.SendMessageRequest,
      io.smsmux.v1.SendMessageResponse> getSendMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendMessage",
      requestType = io.smsmux.v1.SendMessageRequest.class,
      responseType = io.smsmux.v1.SendMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.SendMessageRequest,
      io.smsmux.v1.SendMessageResponse> getSendMessageMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.SendMessageRequest, io.smsmux.v1.SendMessageResponse> getSendMessageMethod;
    if ((getSendMessageMethod = MessageServiceGrpc.getSendMessageMethod) == null) {
      synchronized (MessageServiceGrpc.class) {
        if ((getSendMessageMethod = MessageServiceGrpc.getSendMessageMethod) == null) {
          MessageServiceGrpc.getSendMessageMethod = getSendMessageMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.SendMessageRequest, io.smsmux.v1.SendMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SendMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SendMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MessageServiceMethodDescriptorSupplier("SendMessage"))
              .build();
        }
      }
    }
    return getSendMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.SendTemplatedMessageRequest,
      io.smsmux.v1.SendTemplatedMessageResponse> getSendTemplatedMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendTemplatedMessage",
      requestType = io.smsmux.v1.SendTemplatedMessageRequest.class,
      responseType = io.smsmux.v1.SendTemplatedMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.SendTemplatedMessageRequest,
      io.smsmux.v1.SendTemplatedMessageResponse> getSendTemplatedMessageMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.SendTemplatedMessageRequest, io.smsmux.v1.SendTemplatedMessageResponse> getSendTemplatedMessageMethod;
    if ((getSendTemplatedMessageMethod = MessageServiceGrpc.getSendTemplatedMessageMethod) == null) {
      synchronized (MessageServiceGrpc.class) {
        if ((getSendTemplatedMessageMethod = MessageServiceGrpc.getSendTemplatedMessageMethod) == null) {
          MessageServiceGrpc.getSendTemplatedMessageMethod = getSendTemplatedMessageMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.SendTemplatedMessageRequest, io.smsmux.v1.SendTemplatedMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendTemplatedMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SendTemplatedMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SendTemplatedMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MessageServiceMethodDescriptorSupplier("SendTemplatedMessage"))
              .build();
        }
      }
    }
    return getSendTemplatedMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.SendGroupMessageRequest,
      io.smsmux.v1.SendGroupMessageResponse> getSendGroupMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendGroupMessage",
      requestType = io.smsmux.v1.SendGroupMessageRequest.class,
      responseType = io.smsmux.v1.SendGroupMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.SendGroupMessageRequest,
      io.smsmux.v1.SendGroupMessageResponse> getSendGroupMessageMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.SendGroupMessageRequest, io.smsmux.v1.SendGroupMessageResponse> getSendGroupMessageMethod;
    if ((getSendGroupMessageMethod = MessageServiceGrpc.getSendGroupMessageMethod) == null) {
      synchronized (MessageServiceGrpc.class) {
        if ((getSendGroupMessageMethod = MessageServiceGrpc.getSendGroupMessageMethod) == null) {
          MessageServiceGrpc.getSendGroupMessageMethod = getSendGroupMessageMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.SendGroupMessageRequest, io.smsmux.v1.SendGroupMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendGroupMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SendGroupMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.SendGroupMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MessageServiceMethodDescriptorSupplier("SendGroupMessage"))
              .build();
        }
      }
    }
    return getSendGroupMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.GetMessageRequest,
      io.smsmux.v1.GetMessageResponse> getGetMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetMessage",
      requestType = io.smsmux.v1.GetMessageRequest.class,
      responseType = io.smsmux.v1.GetMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.GetMessageRequest,
      io.smsmux.v1.GetMessageResponse> getGetMessageMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.GetMessageRequest, io.smsmux.v1.GetMessageResponse> getGetMessageMethod;
    if ((getGetMessageMethod = MessageServiceGrpc.getGetMessageMethod) == null) {
      synchronized (MessageServiceGrpc.class) {
        if ((getGetMessageMethod = MessageServiceGrpc.getGetMessageMethod) == null) {
          MessageServiceGrpc.getGetMessageMethod = getGetMessageMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.GetMessageRequest, io.smsmux.v1.GetMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.GetMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MessageServiceMethodDescriptorSupplier("GetMessage"))
              .build();
        }
      }
    }
    return getGetMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.CancelMessageRequest,
      io.smsmux.v1.CancelMessageResponse> getCancelMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelMessage",
      requestType = io.smsmux.v1.CancelMessageRequest.class,
      responseType = io.smsmux.v1.CancelMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.CancelMessageRequest,
      io.smsmux.v1.CancelMessageResponse> getCancelMessageMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.CancelMessageRequest, io.smsmux.v1.CancelMessageResponse> getCancelMessageMethod;
    if ((getCancelMessageMethod = MessageServiceGrpc.getCancelMessageMethod) == null) {
      synchronized (MessageServiceGrpc.class) {
        if ((getCancelMessageMethod = MessageServiceGrpc.getCancelMessageMethod) == null) {
          MessageServiceGrpc.getCancelMessageMethod = getCancelMessageMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.CancelMessageRequest, io.smsmux.v1.CancelMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CancelMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.CancelMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MessageServiceMethodDescriptorSupplier("CancelMessage"))
              .build();
        }
      }
    }
    return getCancelMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.ListMessagesRequest,
      io.smsmux.v1.ListMessagesResponse> getListMessagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListMessages",
      requestType = io.smsmux.v1.ListMessagesRequest.class,
      responseType = io.smsmux.v1.ListMessagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.ListMessagesRequest,
      io.smsmux.v1.ListMessagesResponse> getListMessagesMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.ListMessagesRequest, io.smsmux.v1.ListMessagesResponse> getListMessagesMethod;
    if ((getListMessagesMethod = MessageServiceGrpc.getListMessagesMethod) == null) {
      synchronized (MessageServiceGrpc.class) {
        if ((getListMessagesMethod = MessageServiceGrpc.getListMessagesMethod) == null) {
          MessageServiceGrpc.getListMessagesMethod = getListMessagesMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.ListMessagesRequest, io.smsmux.v1.ListMessagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListMessages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListMessagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.ListMessagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MessageServiceMethodDescriptorSupplier("ListMessages"))
              .build();
        }
      }
    }
    return getListMessagesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.smsmux.v1.AnalyzeMessageRequest,
      io.smsmux.v1.AnalyzeMessageResponse> getAnalyzeMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AnalyzeMessage",
      requestType = io.smsmux.v1.AnalyzeMessageRequest.class,
      responseType = io.smsmux.v1.AnalyzeMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.smsmux.v1.AnalyzeMessageRequest,
      io.smsmux.v1.AnalyzeMessageResponse> getAnalyzeMessageMethod() {
    io.grpc.MethodDescriptor<io.smsmux.v1.AnalyzeMessageRequest, io.smsmux.v1.AnalyzeMessageResponse> getAnalyzeMessageMethod;
    if ((getAnalyzeMessageMethod = MessageServiceGrpc.getAnalyzeMessageMethod) == null) {
      synchronized (MessageServiceGrpc.class) {
        if ((getAnalyzeMessageMethod = MessageServiceGrpc.getAnalyzeMessageMethod) == null) {
          MessageServiceGrpc.getAnalyzeMessageMethod = getAnalyzeMessageMethod =
              io.grpc.MethodDescriptor.<io.smsmux.v1.AnalyzeMessageRequest, io.smsmux.v1.AnalyzeMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AnalyzeMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.AnalyzeMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.smsmux.v1.AnalyzeMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new MessageServiceMethodDescriptorSupplier("AnalyzeMessage"))
              .build();
        }
      }
    }
    return getAnalyzeMessageMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static MessageServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<MessageServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<MessageServiceStub>() {
        @java.lang.Override
        public MessageServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new MessageServiceStub(channel, callOptions);
        }
      };
    return MessageServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static MessageServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<MessageServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<MessageServiceBlockingV2Stub>() {
        @java.lang.Override
        public MessageServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new MessageServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return MessageServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static MessageServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<MessageServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<MessageServiceBlockingStub>() {
        @java.lang.Override
        public MessageServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new MessageServiceBlockingStub(channel, callOptions);
        }
      };
    return MessageServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static MessageServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<MessageServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<MessageServiceFutureStub>() {
        @java.lang.Override
        public MessageServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new MessageServiceFutureStub(channel, callOptions);
        }
      };
    return MessageServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SMS: send, look up what became of them, cancel, list.
   * Nothing is sent twice: a send is repeated by smsmux only when it provably never left or the vendor said that it was
   * not accepted. When a reply is lost and the vendor cannot tell what happened, the error has the reason OUTCOME_UNKNOWN
   * and names the message to look up.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Sends one text to one or more recipients.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; NO_CREDIT; VENDOR_UNAVAILABLE (nothing left, repeat);
     * OUTCOME_UNKNOWN (look it up, do not repeat).
     * </pre>
     */
    default void sendMessage(io.smsmux.v1.SendMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SendMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends a text with placeholders, filled in for each recipient.
     * Errors: as SendMessage.
     * </pre>
     */
    default void sendTemplatedMessage(io.smsmux.v1.SendTemplatedMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SendTemplatedMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendTemplatedMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends one text to every contact of one or more groups.
     * Errors: as SendMessage.
     * </pre>
     */
    default void sendGroupMessage(io.smsmux.v1.SendGroupMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SendGroupMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendGroupMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Asks what became of a message, recipient by recipient.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    default void getMessage(io.smsmux.v1.GetMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Cancels a message whose scheduled time has not come.
     * Errors: STATE_CONFLICT when it is not scheduled any more; RESOURCE_NOT_FOUND when the vendor does not know it.
     * </pre>
     */
    default void cancelMessage(io.smsmux.v1.CancelMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CancelMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the messages that were sent. smSend: without their recipients. LOX24: oldest first. IP1SMS gives all that there
     * are at once and takes no times: smsmux cuts the pages and keeps what was created between the times, so that every page
     * costs as much as all.
     * </pre>
     */
    default void listMessages(io.smsmux.v1.ListMessagesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListMessagesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListMessagesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Tells what a send would come to, without asking any vendor: the numbers in E.164 form, the alphabet, the segments, and
     * what the account's vendor would refuse before anything left. smsmux answers this itself.
     * Errors: ACCOUNT_NOT_FOUND; INVALID_REQUEST for a region that does not exist, or more than 10,000 recipients;
     * DEADLINE_EXCEEDED when others' analyses took the time. All else that is wrong with the send is in the answer.
     * </pre>
     */
    default void analyzeMessage(io.smsmux.v1.AnalyzeMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.AnalyzeMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAnalyzeMessageMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service MessageService.
   * <pre>
   * SMS: send, look up what became of them, cancel, list.
   * Nothing is sent twice: a send is repeated by smsmux only when it provably never left or the vendor said that it was
   * not accepted. When a reply is lost and the vendor cannot tell what happened, the error has the reason OUTCOME_UNKNOWN
   * and names the message to look up.
   * </pre>
   */
  public static abstract class MessageServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return MessageServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service MessageService.
   * <pre>
   * SMS: send, look up what became of them, cancel, list.
   * Nothing is sent twice: a send is repeated by smsmux only when it provably never left or the vendor said that it was
   * not accepted. When a reply is lost and the vendor cannot tell what happened, the error has the reason OUTCOME_UNKNOWN
   * and names the message to look up.
   * </pre>
   */
  public static final class MessageServiceStub
      extends io.grpc.stub.AbstractAsyncStub<MessageServiceStub> {
    private MessageServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected MessageServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new MessageServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Sends one text to one or more recipients.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; NO_CREDIT; VENDOR_UNAVAILABLE (nothing left, repeat);
     * OUTCOME_UNKNOWN (look it up, do not repeat).
     * </pre>
     */
    public void sendMessage(io.smsmux.v1.SendMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SendMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends a text with placeholders, filled in for each recipient.
     * Errors: as SendMessage.
     * </pre>
     */
    public void sendTemplatedMessage(io.smsmux.v1.SendTemplatedMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SendTemplatedMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendTemplatedMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends one text to every contact of one or more groups.
     * Errors: as SendMessage.
     * </pre>
     */
    public void sendGroupMessage(io.smsmux.v1.SendGroupMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.SendGroupMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendGroupMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Asks what became of a message, recipient by recipient.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public void getMessage(io.smsmux.v1.GetMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.GetMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Cancels a message whose scheduled time has not come.
     * Errors: STATE_CONFLICT when it is not scheduled any more; RESOURCE_NOT_FOUND when the vendor does not know it.
     * </pre>
     */
    public void cancelMessage(io.smsmux.v1.CancelMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.CancelMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the messages that were sent. smSend: without their recipients. LOX24: oldest first. IP1SMS gives all that there
     * are at once and takes no times: smsmux cuts the pages and keeps what was created between the times, so that every page
     * costs as much as all.
     * </pre>
     */
    public void listMessages(io.smsmux.v1.ListMessagesRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.ListMessagesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListMessagesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Tells what a send would come to, without asking any vendor: the numbers in E.164 form, the alphabet, the segments, and
     * what the account's vendor would refuse before anything left. smsmux answers this itself.
     * Errors: ACCOUNT_NOT_FOUND; INVALID_REQUEST for a region that does not exist, or more than 10,000 recipients;
     * DEADLINE_EXCEEDED when others' analyses took the time. All else that is wrong with the send is in the answer.
     * </pre>
     */
    public void analyzeMessage(io.smsmux.v1.AnalyzeMessageRequest request,
        io.grpc.stub.StreamObserver<io.smsmux.v1.AnalyzeMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAnalyzeMessageMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service MessageService.
   * <pre>
   * SMS: send, look up what became of them, cancel, list.
   * Nothing is sent twice: a send is repeated by smsmux only when it provably never left or the vendor said that it was
   * not accepted. When a reply is lost and the vendor cannot tell what happened, the error has the reason OUTCOME_UNKNOWN
   * and names the message to look up.
   * </pre>
   */
  public static final class MessageServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<MessageServiceBlockingV2Stub> {
    private MessageServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected MessageServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new MessageServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Sends one text to one or more recipients.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; NO_CREDIT; VENDOR_UNAVAILABLE (nothing left, repeat);
     * OUTCOME_UNKNOWN (look it up, do not repeat).
     * </pre>
     */
    public io.smsmux.v1.SendMessageResponse sendMessage(io.smsmux.v1.SendMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends a text with placeholders, filled in for each recipient.
     * Errors: as SendMessage.
     * </pre>
     */
    public io.smsmux.v1.SendTemplatedMessageResponse sendTemplatedMessage(io.smsmux.v1.SendTemplatedMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendTemplatedMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends one text to every contact of one or more groups.
     * Errors: as SendMessage.
     * </pre>
     */
    public io.smsmux.v1.SendGroupMessageResponse sendGroupMessage(io.smsmux.v1.SendGroupMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendGroupMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks what became of a message, recipient by recipient.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.smsmux.v1.GetMessageResponse getMessage(io.smsmux.v1.GetMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels a message whose scheduled time has not come.
     * Errors: STATE_CONFLICT when it is not scheduled any more; RESOURCE_NOT_FOUND when the vendor does not know it.
     * </pre>
     */
    public io.smsmux.v1.CancelMessageResponse cancelMessage(io.smsmux.v1.CancelMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the messages that were sent. smSend: without their recipients. LOX24: oldest first. IP1SMS gives all that there
     * are at once and takes no times: smsmux cuts the pages and keeps what was created between the times, so that every page
     * costs as much as all.
     * </pre>
     */
    public io.smsmux.v1.ListMessagesResponse listMessages(io.smsmux.v1.ListMessagesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListMessagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells what a send would come to, without asking any vendor: the numbers in E.164 form, the alphabet, the segments, and
     * what the account's vendor would refuse before anything left. smsmux answers this itself.
     * Errors: ACCOUNT_NOT_FOUND; INVALID_REQUEST for a region that does not exist, or more than 10,000 recipients;
     * DEADLINE_EXCEEDED when others' analyses took the time. All else that is wrong with the send is in the answer.
     * </pre>
     */
    public io.smsmux.v1.AnalyzeMessageResponse analyzeMessage(io.smsmux.v1.AnalyzeMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAnalyzeMessageMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service MessageService.
   * <pre>
   * SMS: send, look up what became of them, cancel, list.
   * Nothing is sent twice: a send is repeated by smsmux only when it provably never left or the vendor said that it was
   * not accepted. When a reply is lost and the vendor cannot tell what happened, the error has the reason OUTCOME_UNKNOWN
   * and names the message to look up.
   * </pre>
   */
  public static final class MessageServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<MessageServiceBlockingStub> {
    private MessageServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected MessageServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new MessageServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Sends one text to one or more recipients.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; NO_CREDIT; VENDOR_UNAVAILABLE (nothing left, repeat);
     * OUTCOME_UNKNOWN (look it up, do not repeat).
     * </pre>
     */
    public io.smsmux.v1.SendMessageResponse sendMessage(io.smsmux.v1.SendMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends a text with placeholders, filled in for each recipient.
     * Errors: as SendMessage.
     * </pre>
     */
    public io.smsmux.v1.SendTemplatedMessageResponse sendTemplatedMessage(io.smsmux.v1.SendTemplatedMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendTemplatedMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends one text to every contact of one or more groups.
     * Errors: as SendMessage.
     * </pre>
     */
    public io.smsmux.v1.SendGroupMessageResponse sendGroupMessage(io.smsmux.v1.SendGroupMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendGroupMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks what became of a message, recipient by recipient.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.smsmux.v1.GetMessageResponse getMessage(io.smsmux.v1.GetMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Cancels a message whose scheduled time has not come.
     * Errors: STATE_CONFLICT when it is not scheduled any more; RESOURCE_NOT_FOUND when the vendor does not know it.
     * </pre>
     */
    public io.smsmux.v1.CancelMessageResponse cancelMessage(io.smsmux.v1.CancelMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the messages that were sent. smSend: without their recipients. LOX24: oldest first. IP1SMS gives all that there
     * are at once and takes no times: smsmux cuts the pages and keeps what was created between the times, so that every page
     * costs as much as all.
     * </pre>
     */
    public io.smsmux.v1.ListMessagesResponse listMessages(io.smsmux.v1.ListMessagesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListMessagesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Tells what a send would come to, without asking any vendor: the numbers in E.164 form, the alphabet, the segments, and
     * what the account's vendor would refuse before anything left. smsmux answers this itself.
     * Errors: ACCOUNT_NOT_FOUND; INVALID_REQUEST for a region that does not exist, or more than 10,000 recipients;
     * DEADLINE_EXCEEDED when others' analyses took the time. All else that is wrong with the send is in the answer.
     * </pre>
     */
    public io.smsmux.v1.AnalyzeMessageResponse analyzeMessage(io.smsmux.v1.AnalyzeMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAnalyzeMessageMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service MessageService.
   * <pre>
   * SMS: send, look up what became of them, cancel, list.
   * Nothing is sent twice: a send is repeated by smsmux only when it provably never left or the vendor said that it was
   * not accepted. When a reply is lost and the vendor cannot tell what happened, the error has the reason OUTCOME_UNKNOWN
   * and names the message to look up.
   * </pre>
   */
  public static final class MessageServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<MessageServiceFutureStub> {
    private MessageServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected MessageServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new MessageServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Sends one text to one or more recipients.
     * Errors: INVALID_REQUEST with every fault; VENDOR_REFUSED; NO_CREDIT; VENDOR_UNAVAILABLE (nothing left, repeat);
     * OUTCOME_UNKNOWN (look it up, do not repeat).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.SendMessageResponse> sendMessage(
        io.smsmux.v1.SendMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendMessageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sends a text with placeholders, filled in for each recipient.
     * Errors: as SendMessage.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.SendTemplatedMessageResponse> sendTemplatedMessage(
        io.smsmux.v1.SendTemplatedMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendTemplatedMessageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sends one text to every contact of one or more groups.
     * Errors: as SendMessage.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.SendGroupMessageResponse> sendGroupMessage(
        io.smsmux.v1.SendGroupMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendGroupMessageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Asks what became of a message, recipient by recipient.
     * Errors: RESOURCE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.GetMessageResponse> getMessage(
        io.smsmux.v1.GetMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetMessageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Cancels a message whose scheduled time has not come.
     * Errors: STATE_CONFLICT when it is not scheduled any more; RESOURCE_NOT_FOUND when the vendor does not know it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.CancelMessageResponse> cancelMessage(
        io.smsmux.v1.CancelMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelMessageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the messages that were sent. smSend: without their recipients. LOX24: oldest first. IP1SMS gives all that there
     * are at once and takes no times: smsmux cuts the pages and keeps what was created between the times, so that every page
     * costs as much as all.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.ListMessagesResponse> listMessages(
        io.smsmux.v1.ListMessagesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListMessagesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Tells what a send would come to, without asking any vendor: the numbers in E.164 form, the alphabet, the segments, and
     * what the account's vendor would refuse before anything left. smsmux answers this itself.
     * Errors: ACCOUNT_NOT_FOUND; INVALID_REQUEST for a region that does not exist, or more than 10,000 recipients;
     * DEADLINE_EXCEEDED when others' analyses took the time. All else that is wrong with the send is in the answer.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.smsmux.v1.AnalyzeMessageResponse> analyzeMessage(
        io.smsmux.v1.AnalyzeMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAnalyzeMessageMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_SEND_MESSAGE = 0;
  private static final int METHODID_SEND_TEMPLATED_MESSAGE = 1;
  private static final int METHODID_SEND_GROUP_MESSAGE = 2;
  private static final int METHODID_GET_MESSAGE = 3;
  private static final int METHODID_CANCEL_MESSAGE = 4;
  private static final int METHODID_LIST_MESSAGES = 5;
  private static final int METHODID_ANALYZE_MESSAGE = 6;

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
        case METHODID_SEND_MESSAGE:
          serviceImpl.sendMessage((io.smsmux.v1.SendMessageRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.SendMessageResponse>) responseObserver);
          break;
        case METHODID_SEND_TEMPLATED_MESSAGE:
          serviceImpl.sendTemplatedMessage((io.smsmux.v1.SendTemplatedMessageRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.SendTemplatedMessageResponse>) responseObserver);
          break;
        case METHODID_SEND_GROUP_MESSAGE:
          serviceImpl.sendGroupMessage((io.smsmux.v1.SendGroupMessageRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.SendGroupMessageResponse>) responseObserver);
          break;
        case METHODID_GET_MESSAGE:
          serviceImpl.getMessage((io.smsmux.v1.GetMessageRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.GetMessageResponse>) responseObserver);
          break;
        case METHODID_CANCEL_MESSAGE:
          serviceImpl.cancelMessage((io.smsmux.v1.CancelMessageRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.CancelMessageResponse>) responseObserver);
          break;
        case METHODID_LIST_MESSAGES:
          serviceImpl.listMessages((io.smsmux.v1.ListMessagesRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.ListMessagesResponse>) responseObserver);
          break;
        case METHODID_ANALYZE_MESSAGE:
          serviceImpl.analyzeMessage((io.smsmux.v1.AnalyzeMessageRequest) request,
              (io.grpc.stub.StreamObserver<io.smsmux.v1.AnalyzeMessageResponse>) responseObserver);
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
          getSendMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.SendMessageRequest,
              io.smsmux.v1.SendMessageResponse>(
                service, METHODID_SEND_MESSAGE)))
        .addMethod(
          getSendTemplatedMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.SendTemplatedMessageRequest,
              io.smsmux.v1.SendTemplatedMessageResponse>(
                service, METHODID_SEND_TEMPLATED_MESSAGE)))
        .addMethod(
          getSendGroupMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.SendGroupMessageRequest,
              io.smsmux.v1.SendGroupMessageResponse>(
                service, METHODID_SEND_GROUP_MESSAGE)))
        .addMethod(
          getGetMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.GetMessageRequest,
              io.smsmux.v1.GetMessageResponse>(
                service, METHODID_GET_MESSAGE)))
        .addMethod(
          getCancelMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.CancelMessageRequest,
              io.smsmux.v1.CancelMessageResponse>(
                service, METHODID_CANCEL_MESSAGE)))
        .addMethod(
          getListMessagesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.ListMessagesRequest,
              io.smsmux.v1.ListMessagesResponse>(
                service, METHODID_LIST_MESSAGES)))
        .addMethod(
          getAnalyzeMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.smsmux.v1.AnalyzeMessageRequest,
              io.smsmux.v1.AnalyzeMessageResponse>(
                service, METHODID_ANALYZE_MESSAGE)))
        .build();
  }

  private static abstract class MessageServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    MessageServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.smsmux.v1.MessageServiceOuterClass.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("MessageService");
    }
  }

  private static final class MessageServiceFileDescriptorSupplier
      extends MessageServiceBaseDescriptorSupplier {
    MessageServiceFileDescriptorSupplier() {}
  }

  private static final class MessageServiceMethodDescriptorSupplier
      extends MessageServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    MessageServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (MessageServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new MessageServiceFileDescriptorSupplier())
              .addMethod(getSendMessageMethod())
              .addMethod(getSendTemplatedMessageMethod())
              .addMethod(getSendGroupMessageMethod())
              .addMethod(getGetMessageMethod())
              .addMethod(getCancelMessageMethod())
              .addMethod(getListMessagesMethod())
              .addMethod(getAnalyzeMessageMethod())
              .build();
        }
      }
    }
    return result;
  }
}
