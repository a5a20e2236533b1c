using System;
using System.IO;
using System.Linq;
using System.Net;

/// Sends with WebClient, or with HttpWebRequest where there is no body, what it reads, a request a line, and writes the answers.
static class Client
{
    static void Main()
    {
        for (string line; (line = Console.ReadLine()) != null; )
        {
            var parts = line.Split(' ').Select(WebUtility.UrlDecode).ToArray();
            var headers = parts.Skip(3).Select(header => header.Split(new[] { ": " }, 2, StringSplitOptions.None)).ToArray();
            if (parts[2] == "-") Send(parts[0], parts[1], headers);
            else Upload(parts[0], parts[1], parts[2].Substring(1), headers);
        }
    }

    static void Upload(string method, string url, string body, string[][] headers)
    {
        using (var client = new Library())
        {
            foreach (var header in headers) client.Headers.Set(header[0], header[1]);
            try
            {
                var text = client.UploadString(url, method, body);
                Write(client.Status, client.ResponseHeaders["Location"], text);
            }
            catch (WebException refusal) when (refusal.Response != null)
            {
                Write((HttpWebResponse)refusal.Response);
            }
        }
    }

    static void Send(string method, string url, string[][] headers)
    {
        var request = (HttpWebRequest)WebRequest.Create(url);
        request.Method = method;
        foreach (var header in headers)
        {
            switch (header[0].ToLowerInvariant())
            {
                case "content-type": request.ContentType = header[1]; break;
                case "content-length": request.ContentLength = long.Parse(header[1]); break;
                case "accept": request.Accept = header[1]; break;
                default: request.Headers.Add(header[0], header[1]); break;
            }
        }
        try
        {
            Write((HttpWebResponse)request.GetResponse());
        }
        catch (WebException refusal) when (refusal.Response != null)
        {
            Write((HttpWebResponse)refusal.Response);
        }
    }

    static void Write(HttpWebResponse answer)
    {
        using (answer)
        using (var reader = new StreamReader(answer.GetResponseStream()))
        {
            Write((int)answer.StatusCode, answer.Headers["Location"], reader.ReadToEnd());
        }
    }

    static void Write(int status, string location, string body)
    {
        Console.WriteLine("{0} {1} {2}", status, WebUtility.UrlEncode("=" + location), WebUtility.UrlEncode("=" + body));
    }
}

/// A WebClient that tells the answer's status.
class Library : WebClient
{
    public int Status;

    protected override WebResponse GetWebResponse(WebRequest request)
    {
        var answer = base.GetWebResponse(request);
        Status = (int)((HttpWebResponse)answer).StatusCode;
        return answer;
    }
}
