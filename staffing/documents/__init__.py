"""Documents made from plain values: badge tokens, QR codes and accessible PDFs. Nothing here reads the database."""
