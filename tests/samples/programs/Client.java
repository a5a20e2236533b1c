import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;

/** Sends with one of Java's two HTTP clients what it reads, a request a line, and writes the answers. */
public class Client {
    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            var parts = Arrays.stream(line.split(" ")).map(part -> URLDecoder.decode(part, UTF_8)).toArray(String[]::new);
            var body = parts[2].equals("-") ? null : parts[2].substring(1);
            var headers = Arrays.stream(parts).skip(3).map(header -> header.split(": ", 2)).toArray(String[][]::new);
            var answer = arguments[0].equals("HttpClient")
                    ? byClient(parts[0], parts[1], body, headers)
                    : byConnection(parts[0], parts[1], body, headers);
            System.out.println(answer);
        }
    }

    private static String byConnection(String method, String url, String body, String[][] headers) throws Exception {
        var connection = (HttpURLConnection) new URL(url).openConnection();
        connection.setRequestMethod(method);
        for (var header : headers) {
            connection.setRequestProperty(header[0], header[1]);
        }
        if (body != null) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.getBytes(UTF_8));
        }
        var status = connection.getResponseCode();
        try (var stream = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            var text = stream == null ? "" : new String(stream.readAllBytes(), UTF_8);
            return answer(status, connection.getHeaderField("Location"), text);
        }
    }

    private static String byClient(String method, String url, String body, String[][] headers) throws Exception {
        var publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        var request = HttpRequest.newBuilder(URI.create(url)).method(method, publisher);
        for (var header : headers) {
            request.setHeader(header[0], header[1]);
        }
        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var answer = client.send(request.build(), BodyHandlers.ofString());
        return answer(answer.statusCode(), answer.headers().firstValue("Location").orElse(null), answer.body());
    }

    private static String answer(int status, String location, String body) {
        var place = location == null ? "" : location;
        return status + " " + URLEncoder.encode("=" + place, UTF_8) + " " + URLEncoder.encode("=" + body, UTF_8);
    }
}
