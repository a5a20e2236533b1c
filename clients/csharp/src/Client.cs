using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Smsmux;

/// <summary>A connection to smsmux, with all its services: make one and share it.</summary>
/// <remarks>
/// Without arguments it takes <c>$SMSMUX_ADDRESS</c> (<c>127.0.0.1:50051</c>), <c>$SMSMUX_KEY</c> and <c>$SMSMUX_CA</c>, a PEM file
/// with the authorities to trust. The connection is TLS unless the address is of this machine and there is no such file;
/// <c>http://</c> or <c>https://</c> before the address decides otherwise. A key is never sent to another machine in plain text.
///
/// A call ends after the timeout, 30 seconds, with all its repeats, unless it brings a deadline, and carries an
/// <c>idempotency-key</c>: that of its headers or a random one. It is repeated, at most five times, when the reason of the error says
/// that nothing was accepted, after the time in RetryInfo where there is one, and when the connection was lost: with the key nothing
/// is sent twice. OUTCOME_UNKNOWN is not repeated. Whatever a call fails with is thrown as <see cref="SmsmuxException"/>.
/// </remarks>
public sealed partial class Client : IDisposable
{
    private static readonly Regex Form = new(@"^(?:(https?)://)?((\[[^\]]*\]|[^:/]*)(?::\d+)?)$");
    private static readonly Regex Loopback = new(@"^(?:localhost|\[::1\]|127(?:\.\d+){3})$");

    private readonly GrpcChannel channel;
    private readonly CallInvoker calls;

    /// <summary>Makes a client. It connects when the first call is made.</summary>
    public Client(string address = null, string key = null, string ca = null, TimeSpan? timeout = null)
    {
        key ??= Variable("SMSMUX_KEY") ?? "";
        ca ??= Variable("SMSMUX_CA");
        var url = Url(address ?? Variable("SMSMUX_ADDRESS") ?? "127.0.0.1:50051", key, ca);
        var handler = new SocketsHttpHandler
        {
            // So that a watch notices a connection that died without a word.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
        };
        if (ca != null)
        {
            handler.SslOptions.CertificateChainPolicy = Trusting(ca);
        }
        channel = GrpcChannel.ForAddress(url, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        calls = new Calls(channel.CreateCallInvoker(), key, timeout ?? TimeSpan.FromSeconds(30));
    }

    /// <summary>
    /// Iterates over the pages of a list, one call for each: <c>client.Pages(r => client.Messages.ListMessages(r), request)</c>.
    /// </summary>
    public IEnumerable<TPage> Pages<TRequest, TPage>(Func<TRequest, TPage> list, TRequest request)
        where TRequest : IMessage, IDeepCloneable<TRequest>
        where TPage : IMessage
    {
        request = request.Clone();
        string token;
        do
        {
            var page = list(request);
            yield return page;
            token = Text(page, "next_page_token");
            Set(request, "page_token", token);
        } while (token.Length > 0);
    }

    /// <summary>
    /// Hands out the answers of a stream, until <paramref name="receive"/> returns false. The stream comes back by its last
    /// <c>resume_token</c> when the server restarts or the connection is lost:
    /// <c>client.Watch(r => client.Events.WatchEvents(r), request, receive)</c>. Store the token of the last answer that you have
    /// processed.
    /// </summary>
    public async Task Watch<TRequest, TAnswer>(
        Func<TRequest, AsyncServerStreamingCall<TAnswer>> watch,
        TRequest request,
        Func<TAnswer, Task<bool>> receive,
        CancellationToken cancellation = default)
        where TRequest : IMessage, IDeepCloneable<TRequest>
        where TAnswer : IMessage
    {
        request = request.Clone();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Disposing of the call cancels it.
                using var call = watch(request);
                while (await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
                {
                    var answer = call.ResponseStream.Current;
                    attempt = 1;
                    Set(request, "resume_token", Text(answer, "resume_token"));
                    if (!await receive(answer).ConfigureAwait(false))
                    {
                        return;
                    }
                }
                return;
            }
            catch (RpcException e) when (e is not SmsmuxException && !cancellation.IsCancellationRequested)
            {
                var error = new SmsmuxException(e);
                if (!error.MayRepeat)
                {
                    throw error;
                }
                await Task.Delay(error.Pause(attempt), cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the connection and all calls.</summary>
    public void Dispose() => channel.Dispose();

    private static string Text(IMessage message, string field) =>
        (string)message.Descriptor.FindFieldByName(field).Accessor.GetValue(message);

    private static void Set(IMessage message, string field, string value) =>
        message.Descriptor.FindFieldByName(field).Accessor.SetValue(message, value);

    private static string Variable(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static X509ChainPolicy Trusting(string ca)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(ca);
        return policy;
    }

    // Where to connect to.
    private static string Url(string address, string key, string ca)
    {
        var form = Form.Match(address);
        if (!form.Success)
        {
            throw new ArgumentException($"invalid address {address}: expected HOST:PORT, after http:// or https:// if at all");
        }
        var scheme = form.Groups[1].Value;
        var target = form.Groups[2].Value;
        var local = Loopback.IsMatch(form.Groups[3].Value);
        var plain = scheme == "http" || (scheme.Length == 0 && local && ca == null);
        if (plain && key.Length > 0 && !local)
        {
            throw new ArgumentException($"the key is not sent to {target} in plain text: use TLS");
        }
        return (plain ? "http://" : "https://") + target;
    }
}
