package org.example.diagnosis;

import dev.tributary.client.FederatedClient;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Shows whoever runs this application what would leave the machine next. */
@WebServlet("/tributary")
public final class PreviewServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Object client = getServletContext().getAttribute(TributaryListener.CLIENT);
    response.setContentType("text/plain;charset=utf-8");
    response
        .getWriter()
        .println(((FederatedClient) client).preview().map(Object::toString).orElse("nothing"));
  }
}
