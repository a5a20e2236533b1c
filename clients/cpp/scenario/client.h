// What the two parts of the scenario share.

#include <functional>
#include <string>

std::string Variable(const char* name);
void Check(bool condition, const std::string& what);
void Step(const std::string& name, const std::function<void()>& body);
std::string NewId();

// The steps with the client.
void RunWithClient();
