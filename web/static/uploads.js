/* Files are dropped onto the form and sent with their progress. Without this script the form sends them by itself. */
"use strict";
(() => {
  function send(form) {
    const shown = form.querySelector(".sending");
    const bar = shown.querySelector("progress");
    const words = shown.querySelector("span");
    const button = form.querySelector("button");
    const request = new XMLHttpRequest();
    const body = new FormData(form);
    button.disabled = true;
    shown.hidden = false;
    words.textContent = form.dataset.sending;
    request.upload.addEventListener("progress", event => {
      bar.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0;
      words.textContent = event.loaded < event.total ? form.dataset.sending : form.dataset.looking;
    });
    request.addEventListener("load", () => {
      const next = request.getResponseHeader("X-Next");
      if (next) {
        location.assign(next);
      } else {
        form.submit(); /* let the server say what is wrong, as a page */
      }
    });
    request.addEventListener("error", () => {
      button.disabled = false;
      shown.hidden = true;
    });
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest"); /* be told where to go on, not led there */
    request.send(body);
  }

  document.addEventListener("submit", event => {
    if (event.target.matches("form.drop")) {
      event.preventDefault();
      send(event.target);
    }
  });

  /* A part that keeps itself fresh replaces the form, so the document listens. */
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, event => {
      const form = event.target.closest?.("form.drop");
      if (form) {
        event.preventDefault();
        form.classList.add("over");
      }
    });
  }
  document.addEventListener("dragleave", event => {
    const form = event.target.closest?.("form.drop");
    if (form && !form.contains(event.relatedTarget)) form.classList.remove("over");
  });
  document.addEventListener("drop", event => {
    const form = event.target.closest?.("form.drop");
    if (!form) return;
    event.preventDefault();
    form.classList.remove("over");
    if (event.dataTransfer.files.length) {
      form.querySelector("input[type=file]").files = event.dataTransfer.files;
      send(form);
    }
  });
})();
