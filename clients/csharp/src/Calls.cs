using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Smsmux;

/// <summary>Gives each call its key, idempotency key and deadline, and repeats it.</summary>
internal sealed class Calls : Interceptor
{
    // How often a call is made at most.
    private const int Attempts = 5;

    private readonly string key;
    private readonly TimeSpan timeout;

    internal Calls(string key, TimeSpan timeout) => (this.key, this.timeout) = (key, timeout);

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var options = Unary(context.Options);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return continuation(request, new(context.Method, context.Host, options));
            }
            catch (RpcException e)
            {
                Thread.Sleep(PauseOrThrow(e, attempt, options));
            }
        }
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var options = Unary(context.Options);
        var disposed = new CancellationTokenSource();
        var call = Attempt();
        var response = Repeat();
        return new(response, Headers(), () => call.GetStatus(), () => call.GetTrailers(), () =>
        {
            disposed.Cancel();
            call.Dispose();
        });

        AsyncUnaryCall<TResponse> Attempt() => continuation(request, new(context.Method, context.Host, options));

        async Task<TResponse> Repeat()
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await call.ResponseAsync.ConfigureAwait(false);
                }
                catch (RpcException e)
                {
                    await Task.Delay(PauseOrThrow(e, attempt, options), disposed.Token).ConfigureAwait(false);
                }
                call = Attempt();
            }
        }

        async Task<Metadata> Headers()
        {
            await response.ConfigureAwait(false);
            return await call.ResponseHeadersAsync.ConfigureAwait(false);
        }
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        return continuation(request, new(context.Method, context.Host, context.Options.WithHeaders(Authorized(context.Options))));
    }

    private static TimeSpan PauseOrThrow(RpcException thrown, int attempt, CallOptions options)
    {
        var error = new SmsmuxException(thrown);
        var pause = error.Pause(attempt);
        if (!error.MayRepeat || attempt == Attempts || DateTime.UtcNow + pause >= options.Deadline)
        {
            throw error;
        }
        return pause;
    }

    private CallOptions Unary(CallOptions options)
    {
        var headers = Authorized(options);
        if (headers.Get("idempotency-key") == null)
        {
            headers.Add("idempotency-key", Guid.NewGuid().ToString());
        }
        return options.WithHeaders(headers).WithDeadline(options.Deadline ?? DateTime.UtcNow + timeout);
    }

    private Metadata Authorized(CallOptions options)
    {
        var headers = new Metadata();
        foreach (var entry in options.Headers ?? Enumerable.Empty<Metadata.Entry>())
        {
            headers.Add(entry);
        }
        if (key.Length > 0 && headers.Get("authorization") == null)
        {
            headers.Add("authorization", "Bearer " + key);
        }
        return headers;
    }
}
